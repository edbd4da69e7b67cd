//! The compiled .proto files beside their sources are what the sources say.
#![cfg(not(target_arch = "wasm32"))]

use std::{fs, path::Path};

use prost::Message;

#[test]
fn the_compiled_proto_files_are_those_of_the_sources() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    let mut files = Vec::new();
    collect(&folder, &folder, &mut files);
    files.sort();
    let compiled = protox::compile(&files, [&folder]).unwrap().encode_to_vec();
    let kept = folder.join("descriptors.bin");
    if fs::read(&kept).unwrap_or_default() == compiled {
        return;
    }
    fs::write(&kept, compiled).unwrap();
    panic!(
        "{} was out of date. It has been written anew: run this again.",
        kept.display()
    );
}

/// The .proto files, by their names from `root`.
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
