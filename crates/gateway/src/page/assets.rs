//! The page's files, from a folder or compiled in.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use bytes::Bytes;
use serde_json::{Map, Value};

/// A compiled-in page: file names, relative to the page and sorted, with their contents.
pub type PageFiles = &'static [(&'static str, &'static [u8])];

/// The page's files, with this gateway's settings in config.json.
#[derive(Clone)]
pub struct Assets {
    files: Files,
    settings: Settings,
}

/// What this gateway sets in config.json.
pub type Settings = Vec<(&'static str, String)>;

/// Where the files come from.
#[derive(Clone)]
enum Files {
    /// A folder, read for every request.
    Folder(PathBuf),
    /// `cargo xtask dist` compiled them in.
    Embedded(PageFiles),
}

impl Assets {
    /// Uses the folder if it's set, or else the compiled-in files, or else the folder `dist`.
    pub fn choose(folder: Option<PathBuf>, embedded: PageFiles, settings: Settings) -> Self {
        let files = match folder {
            Some(folder) => Files::Folder(folder),
            None if !embedded.is_empty() => Files::Embedded(embedded),
            None => Files::Folder(PathBuf::from("dist")),
        };
        Self { files, settings }
    }

    /// The file `name`, relative to the page and without a leading slash.
    ///
    /// # Errors
    /// `NotFound` if there is no such file, or if the name points outside the page.
    pub fn read(&self, name: &str) -> io::Result<Bytes> {
        let file = self.files.read(name);
        match name {
            "config.json" => with_settings(file, &self.settings),
            _ => file,
        }
    }

    /// Whether there is an index.html.
    pub fn has_page(&self) -> bool {
        self.read("index.html").is_ok()
    }
}

/// Adds the configured settings to config.json. Leaves an invalid file unchanged, because the page reports
/// the error.
fn with_settings(file: io::Result<Bytes>, settings: &Settings) -> io::Result<Bytes> {
    if settings.is_empty() {
        return file;
    }
    let mut config = match &file {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Map::new(),
        Err(_) => return file,
        Ok(content) => match serde_json::from_slice(content) {
            Ok(Value::Object(config)) => config,
            _ => return file,
        },
    };
    let settings = settings.iter();
    config.extend(settings.map(|(name, value)| ((*name).to_owned(), value.as_str().into())));
    Ok(Value::Object(config).to_string().into())
}

impl Files {
    fn read(&self, name: &str) -> io::Result<Bytes> {
        match self {
            Self::Embedded(files) => files
                .binary_search_by_key(&name, |(name, _)| name)
                .map(|index| Bytes::from_static(files[index].1))
                .map_err(|_| io::ErrorKind::NotFound.into()),
            Self::Folder(folder) => {
                let name = Path::new(name);
                if name
                    .components()
                    .all(|part| matches!(part, Component::Normal(_)))
                {
                    std::fs::read(folder.join(name)).map(Bytes::from)
                } else {
                    Err(io::ErrorKind::NotFound.into())
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_in_the_folder_are_served() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("page")).unwrap();
        std::fs::write(folder.path().join("page/index.html"), "page").unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        let assets = Assets::choose(Some(folder.path().join("page")), &[], Settings::new());
        assert_eq!(&*assets.read("index.html").unwrap(), b"page");
        assert!(assets.has_page());
        let absolute = folder.path().join("secret").display().to_string();
        for name in [
            "../secret",
            "./../secret",
            &absolute,
            "a/../../secret",
            "missing",
            "",
        ] {
            assert!(assets.read(name).is_err(), "{name}");
        }
    }

    #[test]
    fn config_json_combines_the_file_and_the_settings() {
        let folder = tempfile::tempdir().unwrap();
        let two = || {
            vec![
                ("key-lifetime-default", "30d".to_owned()),
                ("key-lifetime-max", "60d".to_owned()),
            ]
        };
        let read = |settings| {
            let assets = Assets::choose(Some(folder.path().to_owned()), &[], settings);
            assets
                .read("config.json")
                .map(|content| String::from_utf8(content.to_vec()).unwrap())
        };
        assert!(read(Settings::new()).is_err());
        let settings = r#"{"key-lifetime-default":"30d","key-lifetime-max":"60d"}"#;
        assert_eq!(read(two()).unwrap(), settings);
        for (file, expected) in [
            (r#"{ "key-lifetime-max": "9d" }"#, settings),
            (
                r#"{ "api": "/iam" }"#,
                r#"{"api":"/iam","key-lifetime-default":"30d","key-lifetime-max":"60d"}"#,
            ),
            ("[]", "[]"),
            ("{", "{"),
        ] {
            std::fs::write(folder.path().join("config.json"), file).unwrap();
            assert_eq!(read(Settings::new()).unwrap(), file);
            assert_eq!(read(two()).unwrap(), expected);
        }
    }
}
