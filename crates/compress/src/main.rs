//! `keyside-compress FOLDER`: writes a gzip and a brotli copy next to each file of the page.
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
            eprintln!(
                "Can't compress the files in {folder}: {error}. Check the folder and run this again."
            );
            ExitCode::FAILURE
        }
    }
}

fn compress_all(folder: &Path) -> io::Result<()> {
    let paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    // Administrators edit config.json, and a compressed copy would be out of date.
    let files = paths
        .iter()
        .filter(|path| path.is_file() && !path.ends_with("config.json"));
    thread::scope(|scope| {
        let threads: Vec<_> = files
            .map(|path| scope.spawn(|| compress_one(path)))
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// More iterations save only a few bytes.
const ITERATIONS: NonZeroU64 = NonZeroU64::MIN.saturating_add(4);

fn compress_one(path: &Path) -> io::Result<()> {
    let content = fs::read(path)?;
    let create_copy = |extension: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(extension);
        fs::File::create(name)
    };
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut brotli = create_copy(".br")?;
    brotli::BrotliCompress(&mut content.as_slice(), &mut brotli, &params)?;
    let options = zopfli::Options {
        iteration_count: ITERATIONS,
        ..Default::default()
    };
    zopfli::compress(
        options,
        zopfli::Format::Gzip,
        &*content,
        create_copy(".gz")?,
    )
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn every_file_except_config_json_gets_compressed_copies() {
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
