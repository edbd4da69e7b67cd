//! The embedded IAM killed with `kill -9` at random moments: every answered write survives.

use std::{
    collections::{HashMap, HashSet},
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::support::{Client, Folders, Gateway, new_key};
use keyside_iam::{
    MessageField,
    iam::{
        Account, ActivateAuthPublicKeyRequest, AuthPublicKey, DeactivateAuthPublicKeyRequest,
        DeleteAuthPublicKeyRequest, ListAuthPublicKeysByAccountRequest,
        auth_public_key_status::State,
    },
};

/// Writes to be answered, over all runs of the gateway.
const WRITES: usize = 3_000;
const WRITERS: usize = 4;

/// What is known about a key: the last answered state, and a requested one without an answer.
#[derive(Clone, Copy, Default)]
struct Known {
    /// `None` means deleted.
    state: Option<State>,
    asked: Option<Option<State>>,
}

/// Creates keys and changes their states until the gateway is killed; returns what is known about each
/// key, and the number of answered writes.
async fn write(
    client: Client,
    request: keyside_iam::iam::CreateAuthPublicKeyRequest,
) -> (HashMap<String, Known>, usize) {
    let mut known = HashMap::new();
    let mut answered = 0;
    loop {
        let Ok(id) = client.create_key(request.clone()).await else {
            return (known, answered);
        };
        answered += 1;
        let mut key = Known {
            state: Some(State::ACTIVE),
            asked: None,
        };
        for asked in [Some(State::INACTIVE), Some(State::ACTIVE), None] {
            // Most keys aren't deleted.
            if known.len() % 3 == 0 && asked != Some(State::INACTIVE) {
                break;
            }
            key.asked = Some(asked);
            known.insert(id.clone(), key);
            let id = id.clone();
            let done = match asked {
                Some(State::INACTIVE) => {
                    let request = DeactivateAuthPublicKeyRequest {
                        id,
                        ..Default::default()
                    };
                    client.keys().deactivate(request).await.map(drop)
                }
                Some(_) => {
                    let request = ActivateAuthPublicKeyRequest {
                        id,
                        ..Default::default()
                    };
                    client.keys().activate(request).await.map(drop)
                }
                None => {
                    let request = DeleteAuthPublicKeyRequest {
                        id,
                        ..Default::default()
                    };
                    client.keys().delete(request).await.map(drop)
                }
            };
            if done.is_err() {
                return (known, answered);
            }
            answered += 1;
            key = Known {
                state: asked,
                asked: None,
            };
        }
        known.insert(id, key);
    }
}

/// All keys of the first service account, page by page.
async fn all_keys(gateway: &Gateway) -> Vec<AuthPublicKey> {
    let admin = gateway.admin();
    let mut keys = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListAuthPublicKeysByAccountRequest {
            account: MessageField::some(Account::of_service_account(&gateway.service_account_id)),
            page_size: 1000,
            page_token,
            ..Default::default()
        };
        let page = admin
            .keys()
            .list_by_account(request)
            .await
            .unwrap()
            .into_owned();
        keys.extend(page.items);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return keys;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answered_write_survives_kills_at_random_moments() {
    let folders = Folders::new();
    let mut known: HashMap<String, Known> = HashMap::new();
    let (mut answered, mut lives) = (0, 0);
    let start = || {
        let mut command = folders.command();
        command.env("KEYSIDE_RATE", "0").env("KEYSIDE_LOG", "error");
        Gateway::start(command)
    };
    while answered < WRITES {
        let gateway = start();
        let request = new_key(&gateway);
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(write(gateway.admin(), request.clone())))
            .collect();
        let mut random = [0];
        getrandom::fill(&mut random).unwrap();
        tokio::time::sleep(Duration::from_millis(20 + u64::from(random[0] / 2))).await;
        gateway.kill();
        lives += 1;
        for writer in writers {
            let (found, count) = writer.await.unwrap();
            known.extend(found);
            answered += count;
        }
    }
    println!(
        "{answered} answered writes in {lives} lives, {} keys",
        known.len()
    );
    assert!(lives >= 5, "{lives} kills are too few to prove anything");
    let gateway = start();
    let stored: HashMap<_, _> = all_keys(&gateway)
        .await
        .into_iter()
        .map(|key| (key.metadata.id.clone(), key))
        .collect();
    let state = |id: &str| {
        let key = stored.get(id)?;
        assert!(
            key.spec.data.starts_with("-----BEGIN PUBLIC KEY-----"),
            "half a key: {id}"
        );
        assert!(key.metadata.resource_version > 0);
        key.status.state.as_known()
    };
    for (id, key) in &known {
        let found = state(id);
        let is_right = found == key.state || key.asked == Some(found);
        assert!(
            is_right,
            "{id} is {found:?}, was {:?}, asked {:?}",
            key.state, key.asked
        );
    }
    // Unanswered creates may also be stored completely: at most one per writer and run.
    let unanswered = stored.keys().filter(|id| !known.contains_key(*id)).count();
    assert!(unanswered <= WRITERS * lives, "{unanswered}");
    drop(gateway);
    let database = rusqlite::Connection::open(folders.data().join("iam.sqlite3")).unwrap();
    let verdict: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_has_every_key_that_was_answered_before_it() {
    let (folders, restored) = (Folders::new(), Folders::new());
    let mut command = folders.command();
    command.env("KEYSIDE_RATE", "0").env("KEYSIDE_LOG", "error");
    let gateway = Gateway::start(command);
    let answered = Arc::new(Mutex::new(Vec::new()));
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (admin, request) = (gateway.admin(), new_key(&gateway));
            let answered = Arc::clone(&answered);
            tokio::spawn(async move {
                while let Ok(id) = admin.create_key(request.clone()).await {
                    answered.lock().unwrap().push(id);
                }
            })
        })
        .collect();
    let back_up = |name: &str| {
        let to = folders.root.path().join(name);
        let output = Command::new(env!("CARGO_BIN_EXE_keyside"))
            .arg("backup")
            .arg(&to)
            .arg("--data")
            .arg(folders.data())
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        (to, printed, error)
    };
    let mut before = Vec::new();
    let mut last = None;
    for n in 0..5 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        before.clone_from(&answered.lock().unwrap());
        let (to, printed, error) = back_up(&format!("backup-{n}"));
        assert!(printed.contains("is intact"), "{printed}{error}");
        last = Some(to);
    }
    let last = last.unwrap();
    let (_, _, error) = back_up("backup-0");
    assert!(error.contains("Choose a new file"), "{error}");
    gateway.kill();
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(before.len() > 20, "only {} keys", before.len());

    std::fs::create_dir(restored.data()).unwrap();
    std::fs::copy(last, restored.data().join("iam.sqlite3")).unwrap();
    let gateway = restored.start();
    let there = all_keys(&gateway).await;
    let there: HashSet<_> = there.iter().map(|key| key.metadata.id.as_str()).collect();
    let missing: Vec<_> = before
        .iter()
        .filter(|id| !there.contains(id.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(!gateway.log.lock().unwrap().contains("log is missing"));
}

#[tokio::test]
async fn a_backup_after_a_crash_has_what_is_only_in_the_log() {
    let (folders, restored) = (Folders::new(), Folders::new());
    let gateway = folders.start();
    let id = gateway.admin().create_key(new_key(&gateway)).await.unwrap();
    gateway.kill();
    std::fs::create_dir(restored.data()).unwrap();
    let to = restored.data().join("iam.sqlite3");
    let status = Command::new(env!("CARGO_BIN_EXE_keyside"))
        .arg("backup")
        .arg(&to)
        .env("KEYSIDE_DATA", folders.data())
        .status()
        .unwrap();
    assert!(status.success());
    assert!(restored.start().admin().key(&id).await.is_ok());
    // The crashed one is as before.
    let again = folders.start();
    assert!(again.admin().key(&id).await.is_ok());
    assert!(!again.log.lock().unwrap().contains("log is missing"));
}
