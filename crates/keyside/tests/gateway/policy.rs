//! `--policy`: who may do what, and what keys must be like, in every protocol and before both backends.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use connectrpc::{ConnectError, ErrorCode};
use keyside_iam::{
    MessageField, Timestamp,
    common::{ListOperationsRequest, ResourceMetadata},
    iam::{
        ActivateAuthPublicKeyRequest, CreateAuthPublicKeyRequest, DeactivateAuthPublicKeyRequest,
        DeleteAuthPublicKeyRequest, GetProfileRequest, ListMemberOfRequest, ListTenantsRequest,
        UpdateAuthPublicKeyRequest, UpdateServiceAccountRequest,
    },
    permissions::{self, Action, Permissions},
    token_exchange::ACCESS_TOKEN_TYPE,
};

use crate::{
    groups::add_member,
    support::{ADMIN_TOKEN, Client, Folders, Gateway, WAYS, code, impersonation, new_key, now_s},
};

const ADMIN: &str = "tenantuseraccount-e00admin";

fn start(folders: &Folders, policy: &str, arguments: &[&str]) -> (Gateway, PathBuf) {
    let path = folders.root.path().join("policy.toml");
    fs::write(&path, policy).unwrap();
    let mut command = folders.command();
    command.arg("--policy").arg(&path).args(arguments);
    (Gateway::start(command), path)
}

fn may(actions: &str) -> String {
    format!("[[allow]]\npeople = [\"{ADMIN}\"]\nmay = [{actions}]\n")
}

const EVERYTHING: &str = r#""read", "create", "rotate", "deactivate", "delete""#;

fn is_by_policy<T: std::fmt::Debug>(answer: Result<T, ConnectError>) -> String {
    let error = answer.unwrap_err();
    assert_eq!(error.code, ErrorCode::PermissionDenied, "{error:?}");
    let message = error.message.unwrap();
    assert!(message.contains("policy"), "{message}");
    message
}

async fn deactivate(client: &Client, id: &str) -> Result<(), ConnectError> {
    let request = DeactivateAuthPublicKeyRequest {
        id: id.to_owned(),
        ..Default::default()
    };
    client.keys().deactivate(request).await.map(drop)
}

async fn delete(client: &Client, id: &str) -> Result<(), ConnectError> {
    let request = DeleteAuthPublicKeyRequest {
        id: id.to_owned(),
        ..Default::default()
    };
    client.keys().delete(request).await.map(drop)
}

#[tokio::test]
async fn what_no_rule_allows_is_denied_in_every_protocol() {
    let folders = Folders::new();
    let (gateway, _) = start(&folders, &may("\"read\""), &[]);
    for (protocol, codec) in WAYS {
        let client = Client::new(&gateway.address, Some(ADMIN_TOKEN), protocol, codec);
        let keys = client.keys_of(&gateway.service_account_id).await;
        assert!(keys.unwrap().is_empty(), "{protocol:?}");
        let message = is_by_policy(client.create_key(new_key(&gateway)).await);
        assert!(message.contains("doesn't let you create"), "{message}");
        is_by_policy(deactivate(&client, "publickey-e00unknown").await);
        is_by_policy(delete(&client, "publickey-e00unknown").await);
        is_by_policy(client.create_account(&gateway.project_id, "new").await);
    }
    // Nobody is still nobody.
    let nobody = gateway.client(None).create_key(new_key(&gateway)).await;
    assert_eq!(code(nobody), ErrorCode::Unauthenticated);
    // Who they are, everybody may ask.
    let profile = gateway.admin().profile();
    assert!(profile.get(GetProfileRequest::default()).await.is_ok());
}

#[tokio::test]
async fn a_rule_can_be_limited_to_accounts_and_projects() {
    let folders = Folders::new();
    let (gateway, path) = start(&folders, &may(EVERYTHING), &[]);
    let admin = gateway.admin();
    let other = admin
        .create_account(&gateway.project_id, "other")
        .await
        .unwrap();
    let own = gateway.service_account_id.clone();
    let for_account = |account: &str| {
        let mut request = new_key(&gateway);
        let spec = request.spec.get_or_insert_default();
        spec.account = MessageField::some(keyside_iam::iam::Account::of_service_account(account));
        request
    };
    let of_other = admin.create_key(for_account(&other)).await.unwrap();
    let limited = format!("{}accounts = [\"{own}\"]\n", may(EVERYTHING));
    replace(&gateway, &path, &limited, 1).await;
    let of_own = admin.create_key(for_account(&own)).await.unwrap();
    is_by_policy(admin.create_key(for_account(&other)).await);
    is_by_policy(delete(&admin, &of_other).await);
    is_by_policy(admin.key(&of_other).await);
    assert!(admin.key(&of_own).await.is_ok());
    delete(&admin, &of_own).await.unwrap();
    let elsewhere = format!("{}projects = [\"project-e00other\"]\n", may(EVERYTHING));
    replace(&gateway, &path, &elsewhere, 2).await;
    is_by_policy(admin.create_key(for_account(&own)).await);
    let here = format!(
        "{}projects = [\"{}\"]\n",
        may(EVERYTHING),
        gateway.project_id
    );
    replace(&gateway, &path, &here, 3).await;
    admin.create_key(for_account(&own)).await.unwrap();
    delete(&admin, &of_other).await.unwrap();
}

/// Changes the policy and waits until it's in use.
async fn replace(gateway: &Gateway, path: &PathBuf, policy: &str, times: usize) {
    fs::write(path, policy).unwrap();
    gateway.wait_for_log("a new policy is in use", times);
}

#[tokio::test]
async fn a_faulty_policy_keeps_the_old_one_and_sighup_reads_it_at_once() {
    let folders = Folders::new();
    let (gateway, path) = start(&folders, &may("\"read\""), &[]);
    let admin = gateway.admin();
    fs::write(&path, "[[allow]\n").unwrap();
    gateway.wait_for_log("keeping the old one", 1);
    is_by_policy(admin.create_key(new_key(&gateway)).await);
    fs::write(&path, may(EVERYTHING)).unwrap();
    let id = gateway.id().to_string();
    let hangup = Command::new("kill").args(["-HUP", &id]).status().unwrap();
    assert!(hangup.success());
    tokio::time::sleep(Duration::from_millis(500)).await;
    admin.create_key(new_key(&gateway)).await.unwrap();

    fs::write(&path, "[[allow]\n").unwrap();
    let output = folders
        .command()
        .arg("--policy")
        .arg(&path)
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && error.contains("line 1"),
        "{error}"
    );
}

#[tokio::test]
async fn new_keys_must_be_as_the_policy_wants_them() {
    let folders = Folders::new();
    let rules = "[keys]\nmax-lifetime = \"90d\"\ndescription = \"^OPS-[0-9]+\"\nmax-active = 2\n\
                 not-in-groups = [\"editors\"]\n";
    let (gateway, _) = start(&folders, &(may(EVERYTHING) + rules), &[]);
    let admin = gateway.admin();
    let request = |days: Option<i64>, description: &str| -> CreateAuthPublicKeyRequest {
        let mut request = new_key(&gateway);
        let spec = request.spec.get_or_insert_default();
        spec.description = description.to_owned();
        if let Some(days) = days {
            let at = Timestamp::from_unix_secs(now_s() + days * 24 * 3600);
            spec.expires_at = MessageField::some(at);
        }
        request
    };
    for (days, description, field) in [
        (None, "OPS-1", "expires_at"),
        (Some(91), "OPS-1", "expires_at"),
        (Some(30), "for tests", "description"),
        (Some(30), "see OPS-1", "description"),
    ] {
        let error = admin
            .create_key(request(days, description))
            .await
            .unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
        assert!(error.message.unwrap().contains(field));
    }
    let good = || request(Some(90), "OPS-12: of the web shop");
    let first = admin.create_key(good()).await.unwrap();
    // Of many at once, only one more.
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let (admin, request) = (gateway.admin(), good());
            tokio::spawn(async move { admin.create_key(request).await })
        })
        .collect();
    let mut created = 0;
    for call in calls {
        created += usize::from(call.await.unwrap().is_ok());
    }
    assert_eq!(created, 1);
    let message = is_by_policy(admin.create_key(good()).await);
    assert!(message.contains("2 active keys"), "{message}");
    deactivate(&admin, &first).await.unwrap();
    admin.create_key(good()).await.unwrap();
    let message = is_by_policy(add_member(&admin, "editors", &gateway.service_account_id).await);
    assert!(message.contains("editors"), "{message}");
    let other = admin
        .create_account(&gateway.project_id, "other")
        .await
        .unwrap();
    add_member(&admin, "editors", &other).await.unwrap();
    let mut in_group = good();
    let spec = in_group.spec.get_or_insert_default();
    spec.account = MessageField::some(keyside_iam::iam::Account::of_service_account(&other));
    let message = is_by_policy(admin.create_key(in_group).await);
    assert!(message.contains("editors"), "{message}");
}

#[tokio::test]
async fn changed_descriptions_and_activated_keys_are_held_to_the_rules_too() {
    let folders = Folders::new();
    let rules = "[keys]\ndescription = \"^OPS-[0-9]+\"\nmax-active = 1\n";
    let (gateway, _) = start(&folders, &(may(EVERYTHING) + rules), &[]);
    let admin = gateway.admin();
    let described = |description: &str| {
        let mut request = new_key(&gateway);
        request.spec.get_or_insert_default().description = description.to_owned();
        request
    };
    let first = admin.create_key(described("OPS-1")).await.unwrap();
    let update = async |description: &str, mask: &str| {
        let key = admin.key(&first).await.unwrap();
        let mut request = UpdateAuthPublicKeyRequest {
            metadata: key.metadata,
            spec: key.spec,
            ..Default::default()
        };
        request.spec.get_or_insert_default().description = description.to_owned();
        let masked = gateway
            .client(Some(ADMIN_TOKEN))
            .with_header("x-resetmask", mask);
        masked.keys().update(request).await.map(drop)
    };
    for (description, mask) in [
        ("of nobody", ""),
        ("", "spec.description"),
        ("", "spec"),
        ("", "spec(description)"),
    ] {
        let error = update(description, mask).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{description}");
    }
    update("OPS-2", "").await.unwrap();
    update("", "").await.unwrap();
    assert_eq!(admin.key(&first).await.unwrap().spec.description, "OPS-2");

    deactivate(&admin, &first).await.unwrap();
    admin.create_key(described("OPS-3")).await.unwrap();
    let request = ActivateAuthPublicKeyRequest {
        id: first.clone(),
        ..Default::default()
    };
    let message = is_by_policy(admin.keys().activate(request).await.map(drop));
    assert!(message.contains("1 active keys"), "{message}");
}

#[tokio::test]
async fn a_profile_comes_with_what_the_policy_allows_its_caller() {
    let folders = Folders::new();
    let others = "[[allow]]\npeople = [\"anna\"]\nmay = [\"delete\"]\nprojects = [\"p\"]\n";
    let rules = "[keys]\ndescription = \"für|\\\\S\"\n";
    let policy = may("\"read\"") + others + rules;
    let (gateway, path) = start(&folders, &policy, &[]);
    let told = async |token: &str| {
        let profile = gateway.client(Some(token)).profile();
        let answer = profile.get(GetProfileRequest::default()).await.ok()?;
        let header = answer.headers().get(permissions::HEADER)?;
        Some(header.to_str().unwrap().to_owned())
    };
    let header = told(ADMIN_TOKEN).await.unwrap();
    assert!(header.is_ascii() && !header.contains("anna"), "{header}");
    let read: Permissions = serde_json::from_str(&header).unwrap();
    assert!(read.allows(Action::Read, None, None));
    assert!(!read.allows(Action::Delete, Some("p"), None));
    assert_eq!(read.keys.description.as_deref(), Some("für|\\S"));
    assert_eq!(told("wrong").await, None);
    // Too long for a header, which some proxies wouldn't let through.
    let many: Vec<_> = (0..1_000).map(|n| format!("\"project-e00{n}\"")).collect();
    let long = format!("{}projects = [{}]\n", may("\"read\""), many.join(","));
    replace(&gateway, &path, &long, 1).await;
    assert_eq!(told(ADMIN_TOKEN).await, None);
}

#[tokio::test]
async fn who_may_only_rotate_creates_keys_only_for_accounts_that_have_one() {
    let folders = Folders::new();
    let (gateway, path) = start(&folders, &may(r#""read", "rotate", "deactivate""#), &[]);
    let admin = gateway.admin();
    let message = is_by_policy(admin.create_key(new_key(&gateway)).await);
    assert!(message.contains("only rotate"), "{message}");
    replace(&gateway, &path, &may(EVERYTHING), 1).await;
    let old = admin.create_key(new_key(&gateway)).await.unwrap();
    replace(
        &gateway,
        &path,
        &may(r#""read", "rotate", "deactivate""#),
        2,
    )
    .await;
    admin.create_key(new_key(&gateway)).await.unwrap();
    deactivate(&admin, &old).await.unwrap();
    is_by_policy(delete(&admin, &old).await);
}

#[tokio::test]
async fn rules_for_a_project_or_for_rotation_give_no_way_around_them() {
    let folders = Folders::new();
    let (gateway, path) = start(&folders, &may(EVERYTHING), &[]);
    let admin = gateway.admin();
    let account = gateway.service_account_id.clone();
    admin.create_key(new_key(&gateway)).await.unwrap();
    let update = async || {
        let request = UpdateServiceAccountRequest {
            metadata: MessageField::some(ResourceMetadata {
                id: account.clone(),
                ..Default::default()
            }),
            ..Default::default()
        };
        admin.accounts().update(request).await.map(drop)
    };
    let impersonate = async || {
        let request = impersonation(&account, ADMIN_TOKEN, ACCESS_TOKEN_TYPE);
        let answer = gateway.client(None).tokens().exchange(request).await;
        answer.map(drop)
    };
    impersonate().await.unwrap();
    let here = format!("projects = [\"{}\"]\n", gateway.project_id);
    replace(&gateway, &path, &(may(EVERYTHING) + &here), 1).await;
    // Groups belong to no project, and give rights everywhere.
    is_by_policy(add_member(&admin, "admins", &account).await);
    update().await.unwrap();
    impersonate().await.unwrap();

    replace(&gateway, &path, &may(r#""read", "rotate""#), 2).await;
    admin.create_key(new_key(&gateway)).await.unwrap();
    is_by_policy(add_member(&admin, "admins", &account).await);
    is_by_policy(update().await);
    // Another account's token is as good as a key of it.
    is_by_policy(impersonate().await);

    let others = may(EVERYTHING).replace(ADMIN, "anna@example.org");
    replace(&gateway, &path, &others, 3).await;
    let request = ListTenantsRequest::default();
    is_by_policy(admin.tenants().list(request).await.map(drop));
    let request = ListOperationsRequest {
        resource_id: account.clone(),
        ..Default::default()
    };
    is_by_policy(admin.operations().list(request).await.map(drop));
    let request = ListMemberOfRequest {
        subject_id: account.clone(),
        ..Default::default()
    };
    is_by_policy(admin.memberships().list_member_of(request).await.map(drop));
}

#[tokio::test]
async fn the_policy_holds_in_front_of_another_api_too() {
    let (behind, before) = (Folders::new(), Folders::new());
    let upstream = behind.start();
    let account = upstream.service_account_id.clone();
    let rules = format!("{}accounts = [\"{account}\"]\n", may(EVERYTHING));
    let (gateway, _) = start(&before, &rules, &["--upstream", &upstream.address]);
    let admin = gateway.admin();
    let id = admin.create_key(new_key(&upstream)).await.unwrap();
    let other = upstream
        .admin()
        .create_account(&upstream.project_id, "other")
        .await
        .unwrap();
    let mut for_other = new_key(&upstream);
    let spec = for_other.spec.get_or_insert_default();
    spec.account = MessageField::some(keyside_iam::iam::Account::of_service_account(&other));
    is_by_policy(admin.create_key(for_other.clone()).await);
    let of_other = upstream.admin().create_key(for_other).await.unwrap();
    is_by_policy(delete(&admin, &of_other).await);
    is_by_policy(admin.keys_of(&other).await);
    delete(&admin, &id).await.unwrap();
    // Denied calls don't reach the API.
    assert!(upstream.admin().key(&of_other).await.is_ok());
}

#[test]
fn a_decision_can_be_explained() {
    let folders = Folders::new();
    let path = folders.root.path().join("policy.toml");
    let rule = "[[allow]]\ngroups = [\"ops\"]\nmay = [\"create\"]\nprojects = [\"p\"]\n";
    fs::write(&path, rule).unwrap();
    let check = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_keyside"))
            .args(["policy", "check"])
            .arg(&path)
            .args(["--person", "user-7", "--action", "create"])
            .args(arguments)
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        (output.status.success(), printed)
    };
    let (is_allowed, printed) = check(&["--group", "ops", "--project", "p"]);
    assert!(is_allowed && printed.contains("number 1"), "{printed}");
    let (is_allowed, printed) = check(&["--group", "ops", "--project", "q"]);
    assert!(
        !is_allowed && printed.contains("other projects"),
        "{printed}"
    );
    let (is_allowed, printed) = check(&["--group", "dev", "--project", "p"]);
    assert!(!is_allowed && printed.contains("no rule"), "{printed}");
}
