//! Checks that descriptors.bin matches the .proto files it's compiled from.
#![cfg(not(target_arch = "wasm32"))]

use std::{fs, path::Path};

use prost::Message;

#[test]
fn descriptors_bin_matches_the_proto_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    let mut files = Vec::new();
    collect(&folder, &folder, &mut files);
    files.sort();
    let compiled = protox::compile(&files, [&folder]).unwrap().encode_to_vec();
    let checked_in = folder.join("descriptors.bin");
    if fs::read(&checked_in).unwrap_or_default() == compiled {
        return;
    }
    fs::write(&checked_in, compiled).unwrap();
    panic!(
        "{} was out of date and has been updated. Run the tests again and commit the file.",
        checked_in.display()
    );
}

/// Collects the .proto files, with their paths relative to `root`.
fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            let parts: Vec<_> = path
                .strip_prefix(root)
                .unwrap()
                .iter()
                .map(|part| part.to_str().unwrap())
                .collect();
            files.push(parts.join("/"));
        }
    }
}
