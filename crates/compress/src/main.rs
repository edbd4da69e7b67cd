//! `keyside-compress FOLDER`: writes a copy by gzip and one by brotli beside each file of the page.
#![forbid(unsafe_code)]

use std::{
    env, fs, io,
    num::NonZeroU64,
    panic::resume_unwind,
    path::{Path, PathBuf},
    process::ExitCode,
    thread,
};

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1) else {
        eprintln!("Usage: keyside-compress FOLDER");
        return ExitCode::FAILURE;
    };
    match compress_all(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let folder = Path::new(&folder).display();
            eprintln!("The files in {folder} can't be compressed: {error}.");
            ExitCode::FAILURE
        }
    }
}

fn compress_all(folder: &Path) -> io::Result<()> {
    let paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    // An administrator edits config.json, and a compressed copy would not follow.
    let files = paths
        .iter()
        .filter(|path| path.is_file() && !path.ends_with("config.json"));
    thread::scope(|scope| {
        let each: Vec<_> = files
            .map(|path| scope.spawn(|| compress_one(path)))
            .collect();
        each.into_iter()
            .try_for_each(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// More of them make files a few bytes smaller.
const ROUNDS: NonZeroU64 = NonZeroU64::MIN.saturating_add(4);

fn compress_one(path: &Path) -> io::Result<()> {
    let content = fs::read(path)?;
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        fs::File::create(name)
    };
    let quality = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut brotli = beside(".br")?;
    brotli::BrotliCompress(&mut content.as_slice(), &mut brotli, &quality)?;
    let options = zopfli::Options {
        iteration_count: ROUNDS,
        ..Default::default()
    };
    zopfli::compress(options, zopfli::Format::Gzip, &*content, beside(".gz")?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn each_file_but_the_configuration_gets_compressed_copies() {
        let folder = env::temp_dir().join(format!("keyside-compress-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("style.css"), "p { color: red }").unwrap();
        fs::write(folder.join("config.json"), "{}").unwrap();
        compress_all(&folder).unwrap();
        let mut unpacked = String::new();
        let gzip = fs::File::open(folder.join("style.css.gz")).unwrap();
        flate2::read::GzDecoder::new(gzip)
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, "p { color: red }");
        let mut unpacked = Vec::new();
        let brotli = fs::read(folder.join("style.css.br")).unwrap();
        brotli::BrotliDecompress(&mut brotli.as_slice(), &mut unpacked).unwrap();
        assert_eq!(unpacked, b"p { color: red }");
        assert!(!folder.join("config.json.gz").exists());
        fs::remove_dir_all(folder).unwrap();
    }
}
