//! Full or read-only disks, locked or damaged databases, clocks that are set back: clear errors, and
//! nothing is lost.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::support::{ADMIN_TOKEN, Folders, Gateway, claims, jwt, key, new_key};
use keyside_iam::iam::DeactivateAuthPublicKeyRequest;
use rusqlite::Connection;

fn database(folders: &Folders) -> PathBuf {
    folders.data().join("iam.sqlite3")
}

/// A gateway whose data folder is prepared by this shell command in its own mount namespace; `None`
/// if the system doesn't allow one.
fn in_own_mounts(folders: &Folders, prepare: &str) -> Option<Command> {
    let may = Command::new("unshare")
        .args(["--mount", "--map-root-user", "mount", "-t", "tmpfs", "none"])
        .arg(folders.root.path().join("dist"))
        .stderr(Stdio::null())
        .status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("no mount namespaces here: this part is left out");
        return None;
    }
    let plain = folders.command();
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--map-root-user", "sh", "-c"])
        .arg(format!("{prepare} && exec \"$@\""))
        .arg("sh")
        .arg(plain.get_program())
        .args(plain.get_args())
        .env("KEYSIDE_ADMIN_TOKEN", ADMIN_TOKEN)
        .env("KEYSIDE_RATE", "0")
        .env("KEYSIDE_LOG", "warn")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Some(command)
}

#[tokio::test]
async fn on_a_full_disk_calls_fail_with_a_clear_message_and_answered_ones_are_kept() {
    let folders = Folders::new();
    fs::create_dir(folders.data()).unwrap();
    let data = folders.data().display().to_string();
    let saved = folders.root.path().join("saved").display().to_string();
    let prepare = format!("mount -t tmpfs -o size=700k none {data}");
    let Some(command) = in_own_mounts(&folders, &prepare) else {
        return;
    };
    let gateway = Gateway::start(command);
    let admin = gateway.admin();
    let mut made = Vec::new();
    let error = loop {
        match admin.create_key(new_key(&gateway)).await {
            Ok(id) => made.push(id),
            Err(error) => break error,
        }
        assert!(made.len() < 10_000, "never full");
    };
    assert!(error.to_string().contains("disk"), "{error}");
    assert!(error.to_string().contains("changed nothing"), "{error}");
    assert!(made.len() > 10, "{} keys", made.len());
    // Writes keep failing, and reads still work.
    admin.create_key(new_key(&gateway)).await.unwrap_err();
    for id in &made {
        admin.key(id).await.unwrap();
    }
    // The folder is in another namespace, so it's copied out from there.
    let copied = Command::new("cp")
        .args(["-r", &format!("/proc/{}/root{data}", gateway.id()), &saved])
        .status()
        .unwrap();
    assert!(copied.success());
    gateway.kill();
    // With free space again, everything is there and works.
    fs::remove_dir(folders.data()).unwrap();
    fs::rename(saved, folders.data()).unwrap();
    let gateway = folders.start();
    let admin = gateway.admin();
    for id in &made {
        admin.key(id).await.unwrap();
    }
    admin.create_key(new_key(&gateway)).await.unwrap();
}

#[test]
fn a_folder_that_is_not_writable_is_reported_at_startup() {
    let folders = Folders::new();
    drop(folders.start());
    let data = folders.data().display().to_string();
    let before = fs::read(database(&folders)).unwrap();
    let prepare = format!("mount --bind {data} {data} && mount -o remount,bind,ro {data}");
    let Some(mut command) = in_own_mounts(&folders, &prepare) else {
        return;
    };
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(
        printed.contains(&data) && printed.contains("--data"),
        "{printed}"
    );
    assert_eq!(fs::read(database(&folders)).unwrap(), before);
}

#[tokio::test]
async fn a_database_locked_by_another_program_is_reported_and_waited_for() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let id = admin.create_key(new_key(&gateway)).await.unwrap();
    let other = Connection::open(database(&folders)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = admin.create_key(new_key(&gateway)).await.unwrap_err();
    assert!(
        error.to_string().contains("locked by another program"),
        "{error}"
    );
    // Reads don't wait.
    admin.key(&id).await.unwrap();
    other.execute_batch("ROLLBACK").unwrap();
    admin.create_key(new_key(&gateway)).await.unwrap();
}

/// Overwrites part of the file.
fn damage(path: &Path, from: usize) {
    let mut bytes = fs::read(path).unwrap();
    let end = bytes.len().min(from + 4096);
    bytes[from..end].fill(0x5a);
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_damaged_database_is_reported_and_left_unchanged() {
    for from in [0, 4096] {
        let folders = Folders::new();
        let gateway = folders.start();
        gateway.admin().create_key(new_key(&gateway)).await.unwrap();
        gateway.ask_to_stop();
        assert!(gateway.ended_well());
        damage(&database(&folders), from);
        let before = fs::read(database(&folders)).unwrap();
        let output = folders.command().output();
        // A damaged page further back may be noticed only when it's read.
        let printed = String::from_utf8(output.unwrap().stderr).unwrap();
        assert!(
            printed.contains("can't open the database"),
            "from {from}: {printed}"
        );
        assert!(printed.contains("backup"), "{printed}");
        assert_eq!(
            fs::read(database(&folders)).unwrap(),
            before,
            "nothing is repaired away"
        );
    }
}

/// Imitates a clock that was set back by an hour with a database from an hour ahead.
#[tokio::test]
async fn after_a_clock_is_set_back_everything_still_works() {
    let folders = Folders::new();
    let gateway = folders.start();
    let request = new_key(&gateway);
    let operation = gateway
        .admin()
        .keys()
        .create(request)
        .await
        .unwrap()
        .into_owned();
    let id = operation.resource_id.clone();
    let proof = jwt(key(), &id, &claims(&gateway.service_account_id));
    let token = gateway.admin().exchange(proof).await.unwrap().access_token;
    gateway.ask_to_stop();
    assert!(gateway.ended_well());
    let ahead = Connection::open(database(&folders)).unwrap();
    ahead
        .execute_batch(
            "UPDATE operations SET created_at = created_at + 3600000000,
                 finished_at = finished_at + 3600000000;
             UPDATE auth_public_keys SET created_at = created_at + 3600000000,
                 updated_at = updated_at + 3600000000;
             UPDATE access_tokens SET expires_at = expires_at + 3600000000;",
        )
        .unwrap();
    drop(ahead);
    let gateway = folders.start();
    let admin = gateway.admin();
    // The earlier operation is done, and a new one finishes in its time.
    let done = admin.finished(operation).await;
    assert_eq!(done.resource_id, id);
    let request = DeactivateAuthPublicKeyRequest {
        id: id.clone(),
        ..Default::default()
    };
    let operation = admin.keys().deactivate(request).await.unwrap().into_owned();
    admin.finished(operation).await;
    let key = admin.key(&id).await.unwrap();
    let seconds = |time: &keyside_iam::Timestamp| time.seconds;
    assert!(seconds(&key.metadata.updated_at) >= seconds(&key.metadata.created_at));
    // The token is still valid, and new keys are listed after the old ones.
    gateway.client(Some(&token)).key(&id).await.unwrap();
    let second = admin.create_key(new_key(&gateway)).await.unwrap();
    let keys = admin.keys_of(&gateway.service_account_id).await.unwrap();
    let ids: Vec<_> = keys.iter().map(|key| key.metadata.id.as_str()).collect();
    assert_eq!(ids, [id.as_str(), &second]);
}

/// Starts the gateway, which must refuse; returns what it says.
fn refusal(folders: &Folders) -> String {
    let output = folders.command().output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn a_database_that_was_copied_without_its_log_gets_a_warning() {
    const WARNING: &str = "it has the newest changes";
    let (folders, copied) = (Folders::new(), Folders::new());
    let gateway = folders.start();
    let id = gateway.admin().create_key(new_key(&gateway)).await.unwrap();
    fs::create_dir(copied.data()).unwrap();
    fs::copy(database(&folders), database(&copied)).unwrap();
    let incomplete = copied.start();
    incomplete.wait_for_log(WARNING, 1);
    assert!(incomplete.admin().key(&id).await.is_err());
    incomplete.kill();
    // With its log, it's complete.
    let log = folders.data().join("iam.sqlite3-wal");
    fs::copy(database(&folders), database(&copied)).unwrap();
    fs::copy(log, copied.data().join("iam.sqlite3-wal")).unwrap();
    let complete = copied.start();
    assert!(complete.admin().key(&id).await.is_ok());
    assert!(!complete.log.lock().unwrap().contains(WARNING));
    complete.ask_to_stop();
    assert!(complete.ended_well());
    // After an orderly stop, the main file has everything.
    let alone = Folders::new();
    fs::create_dir(alone.data()).unwrap();
    fs::copy(database(&copied), database(&alone)).unwrap();
    let alone = alone.start();
    assert!(alone.admin().key(&id).await.is_ok());
    assert!(!alone.log.lock().unwrap().contains(WARNING));
}

#[cfg(unix)]
#[test]
fn a_data_folder_that_others_can_change_is_refused_or_warned_about() {
    use std::os::unix::fs::PermissionsExt;

    let folders = Folders::new();
    fs::create_dir(folders.data()).unwrap();
    let set = |mode| {
        fs::set_permissions(folders.data(), fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o777);
    let printed = refusal(&folders);
    assert!(
        printed.contains("every account on this machine"),
        "{printed}"
    );
    for (mode, is_warned) in [(0o775, true), (0o700, false)] {
        set(mode);
        let gateway = folders.start();
        // The log comes through a pipe, but in order. A call shows that the gateway can be asked to stop.
        crate::support::get(&gateway.address, "/healthz");
        gateway.ask_to_stop();
        gateway.wait_for_log("shutting down", 1);
        let log = gateway.log.lock().unwrap().clone();
        let warned = log.contains("can replace the files in the data folder");
        assert_eq!(warned, is_warned, "{mode:o}: {log}");
    }
}
