//! Checks whether a folder is a safe place for the database and the admin token.

use std::{fs, io, path::Path};

use crate::error::StartError;

/// Network file systems, where SQLite's locks and shared memory aren't reliable.
const NETWORK_FILE_SYSTEMS: [&str; 9] = [
    "9p",
    "afs",
    "ceph",
    "cifs",
    "fuse.glusterfs",
    "fuse.sshfs",
    "nfs",
    "nfs4",
    "smb3",
];

/// Creates the folder if it's missing, and checks it. Warns if other accounts on this machine can change it.
///
/// # Errors
/// Returns an error if it can't be created, everybody can change it, or it's on a network file system.
pub fn prepare(folder: &Path) -> Result<(), StartError> {
    let failed = |cause: io::Error| StartError::DataFolder {
        path: folder.to_owned(),
        cause,
    };
    fs::create_dir_all(folder).map_err(failed)?;
    // Only Linux has this file, and it can be hidden.
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let absolute = folder.canonicalize().map_err(failed)?;
    if let Some(kind) = file_system(&mounts, &absolute)
        && NETWORK_FILE_SYSTEMS.contains(&kind)
    {
        return Err(StartError::NetworkFolder {
            path: folder.to_owned(),
            kind: kind.to_owned(),
        });
    }
    #[cfg(unix)]
    check_permissions(folder, &fs::metadata(folder).map_err(failed)?)?;
    Ok(())
}

/// Options that create files for this account only.
pub fn private_file() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

#[cfg(unix)]
fn check_permissions(folder: &Path, metadata: &fs::Metadata) -> Result<(), StartError> {
    use std::os::unix::fs::MetadataExt;

    const GROUP_WRITES: u32 = 0o020;
    const OTHERS_WRITE: u32 = 0o002;
    /// Files can only be replaced by their owners.
    const STICKY: u32 = 0o1000;
    let mode = metadata.mode() & 0o7777;
    if mode & OTHERS_WRITE != 0 && mode & STICKY == 0 {
        return Err(StartError::WorldWritableFolder {
            path: folder.to_owned(),
            mode,
        });
    }
    let is_foreign = |own: fs::Metadata| own.uid() != metadata.uid() && metadata.uid() != 0;
    // The owner of this folder is the process's effective user.
    let is_foreign = fs::metadata("/proc/self").is_ok_and(is_foreign);
    if mode & (GROUP_WRITES | OTHERS_WRITE) != 0 || is_foreign {
        tracing::warn!(
            folder = %folder.display(),
            owner = metadata.uid(),
            group = metadata.gid(),
            mode = format!("{mode:o}"),
            "other accounts on this machine can replace the files in the data folder, the admin token \
             included: make this account its owner, with mode 700"
        );
    }
    Ok(())
}

/// The type of the file system that contains a path, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
fn file_system<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let mounts = mounts.lines().filter_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let point = unescape(before.split(' ').nth(4)?);
        Some((point, after.split(' ').next()?))
    });
    // Of several mounts at one point, the last one is visible.
    mounts
        .filter(|(point, _)| path.starts_with(point))
        .max_by_key(|(point, _)| Path::new(point).components().count())
        .map(|(_, kind)| kind)
}

/// Decodes the four escapes of spaces and the like.
fn unescape(point: &str) -> String {
    [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ]
    .iter()
    .fold(point.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_mount_decides() {
        let mounts = "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n\
            30 22 0:26 / /srv rw - nfs4 server:/srv rw,vers=4.2\n\
            31 30 0:27 / /srv/a\\040b rw shared:7 master:2 - xfs /dev/vdb rw\n";
        let kind = |path: &str| file_system(mounts, Path::new(path));
        assert_eq!(kind("/var/lib/keyside"), Some("ext4"));
        assert_eq!(kind("/srv/keyside"), Some("nfs4"));
        assert_eq!(kind("/srv/a b/data"), Some("xfs"));
        assert_eq!(kind("/srvx"), Some("ext4"));
        assert_eq!(file_system("", Path::new("/")), None);
        let over = "1 0 0:1 / / rw - ext4 a rw\n2 0 0:2 / / rw - cifs b rw\n";
        assert_eq!(file_system(over, Path::new("/x")), Some("cifs"));
    }
}
