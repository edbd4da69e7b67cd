//! `--token-command`: callers sign in at the gateway, and their calls carry the token that a command prints.

use std::{fs, path::Path, process::Command};

use connectrpc::ErrorCode;
use keyside_iam::{
    iam::{
        CreateTokenResponse, ExchangeTokenRequest, GetProfileRequest, RevokeSessionRequest,
        oneof::revoke_session_request::Revoke,
    },
    token_exchange::{ACCESS_TOKEN_TYPE, GRANT_TYPE, SIGN_IN_CODE_TYPE},
};

use crate::{
    groups::add_member,
    support::{ADMIN_TOKEN, Folders, Gateway, claims, code, jwt, key, new_key},
};

const OWN_TOKEN: &str = "the-admin-token-of-the-gateway-in-front";

/// A gateway in front of `upstream` whose command prints the content of a file in `folders`.
fn in_front(folders: &Folders, upstream: &Gateway, token: &str) -> Gateway {
    let mut command = folders.command();
    command
        .args(["--upstream", &upstream.address])
        .args(folders.token_command(token))
        .arg("--audit-log")
        .arg(folders.root.path().join("audit.jsonl"))
        .env("KEYSIDE_ADMIN_TOKEN", OWN_TOKEN);
    Gateway::start(command)
}

/// A code from `keyside open`.
fn printed_code(data: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_keyside"))
        .arg("open")
        .arg("--data")
        .arg(data)
        .env("KEYSIDE_ADMIN_TOKEN", OWN_TOKEN)
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.trim().split_once("#code=").unwrap().1.to_owned()
}

/// Exchanges a code for a session.
pub async fn redeem(
    gateway: &Gateway,
    code: &str,
) -> Result<CreateTokenResponse, connectrpc::ConnectError> {
    let request = ExchangeTokenRequest {
        grant_type: GRANT_TYPE.to_owned(),
        requested_token_type: ACCESS_TOKEN_TYPE.to_owned(),
        subject_token: code.to_owned(),
        subject_token_type: SIGN_IN_CODE_TYPE.to_owned(),
        ..Default::default()
    };
    let tokens = gateway.client(None).tokens();
    Ok(tokens.exchange(request).await?.into_owned())
}

#[tokio::test]
async fn a_printed_address_signs_in_and_calls_carry_the_token_of_the_command() {
    let (behind, before) = (Folders::new(), Folders::new());
    let upstream = behind.start();
    let gateway = in_front(&before, &upstream, ADMIN_TOKEN);
    let printed = printed_code(&before.data());
    let session = redeem(&gateway, &printed).await.unwrap();
    assert_eq!(session.expires_in, 12 * 60 * 60);
    let again = redeem(&gateway, &printed).await;
    assert_eq!(code(again), ErrorCode::Unauthenticated);

    let client = gateway.client(Some(&session.access_token));
    let id = client.create_key(new_key(&upstream)).await.unwrap();
    assert_eq!(upstream.admin().key(&id).await.unwrap().metadata.id, id);
    for token in [None, Some("wrong"), Some(&*printed)] {
        let profile = gateway.client(token).profile();
        let answer = profile.get(GetProfileRequest::default()).await;
        assert_eq!(code(answer), ErrorCode::Unauthenticated, "{token:?}");
    }

    let audit = fs::read_to_string(before.root.path().join("audit.jsonl")).unwrap();
    assert!(audit.contains("tenantuseraccount-e00admin"), "{audit}");
    let log = gateway.log.lock().unwrap().clone();
    for secret in [ADMIN_TOKEN, &session.access_token, &printed, OWN_TOKEN] {
        assert!(!log.contains(secret) && !audit.contains(secret), "{secret}");
        let data = before.data_bytes();
        let data = String::from_utf8_lossy(&data);
        assert!(!data.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_token_that_the_api_refuses_is_renewed_unnoticed_and_a_command_without_another_is_named()
{
    let (behind, before) = (Folders::new(), Folders::new());
    let upstream = behind.start();
    let admin = upstream.admin();
    let account = upstream.service_account_id.clone();
    add_member(&admin, "admins", &account).await.unwrap();
    let id = admin.create_key(new_key(&upstream)).await.unwrap();
    let proof = jwt(key(), &id, &claims(&account));
    let token = admin.exchange(proof).await.unwrap().access_token;
    let gateway = in_front(&before, &upstream, &token);
    let client = gateway.client(Some(OWN_TOKEN));
    client.create_key(new_key(&upstream)).await.unwrap();

    let revoke = || RevokeSessionRequest {
        revoke: Some(Revoke::ServiceAccountId(account.clone())),
        ..Default::default()
    };
    admin.sessions().revoke(revoke()).await.unwrap();
    before.token_command(ADMIN_TOKEN);
    // A change without an idempotency key.
    client.create_key(new_key(&upstream)).await.unwrap();
    assert_eq!(admin.keys_of(&account).await.unwrap().len(), 3);

    before.token_command("a-token-that-nobody-knows");
    // The admin token is still kept, and accepted.
    client.create_key(new_key(&upstream)).await.unwrap();
}

#[tokio::test]
async fn a_command_whose_tokens_are_refused_is_named() {
    let (behind, before) = (Folders::new(), Folders::new());
    let upstream = behind.start();
    let gateway = in_front(&before, &upstream, "a-token-that-nobody-knows");
    let client = gateway.client(Some(OWN_TOKEN));
    let error = client.create_key(new_key(&upstream)).await.unwrap_err();
    // Not UNAUTHENTICATED: signing in at the page again would not help.
    assert_eq!(error.code, ErrorCode::FailedPrecondition);
    let message = error.message.unwrap();
    assert!(message.contains("--token-command"), "{message}");
    fs::remove_file(before.root.path().join("token")).unwrap();
    let error = client.create_key(new_key(&upstream)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Unavailable);
    let message = error.message.unwrap();
    assert!(message.contains("No such file"), "{message}");
    // As soon as the command works again, so does the gateway.
    before.token_command(ADMIN_TOKEN);
    client.create_key(new_key(&upstream)).await.unwrap();
}

#[tokio::test]
async fn a_command_that_fails_at_the_start_is_reported() {
    let (behind, before) = (Folders::new(), Folders::new());
    let upstream = behind.start();
    let mut command = before.command();
    command
        .args(["--upstream", &upstream.address])
        .args(["--token-command", "sh -c 'echo not signed in >&2; exit 4'"]);
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains(
            "the gateway gets no access token: sh ended with exit status: 4: not signed in"
        ),
        "{error}"
    );
}
