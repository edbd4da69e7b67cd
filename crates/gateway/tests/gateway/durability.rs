//! The embedded IAM killed with `kill -9` at random moments: every answered write survives.

use std::{collections::HashMap, time::Duration};

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
