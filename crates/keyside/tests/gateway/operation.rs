//! The program as an administrator sees it: starting, failing to start, stopping, durability.

use std::io::Read;

use crate::support::{Folders, Gateway, code, contains, key, new_key};
use connectrpc::ErrorCode::{AlreadyExists, InvalidArgument, NotFound};
use keyside_iam::iam::{ListServiceAccountsRequest, auth_public_key_status::State};
use rsa::{
    pkcs1::EncodeRsaPrivateKey,
    pkcs8::{EncodePrivateKey, LineEnding},
};

#[tokio::test]
async fn answered_writes_survive_a_kill() {
    let folders = Folders::new();
    let mut made = Vec::new();
    for _ in 0..10 {
        let gateway = folders.start();
        made.push(gateway.admin().create_key(new_key(&gateway)).await.unwrap());
        gateway.kill();
    }
    let gateway = folders.start();
    for id in made {
        assert_eq!(
            gateway.admin().key(&id).await.unwrap().status.state,
            State::ACTIVE
        );
    }
}

#[tokio::test]
async fn a_restart_keeps_tenant_project_account_and_admin_token() {
    let folders = Folders::new();
    let mut command = folders.command();
    command.env_remove("KEYSIDE_ADMIN_TOKEN");
    let first = Gateway::start(command);
    let (project, account) = (first.project_id.clone(), first.service_account_id.clone());
    let token = std::fs::read_to_string(folders.data().join("admin-token")).unwrap();
    let id = first
        .client(Some(token.trim()))
        .create_key(new_key(&first))
        .await
        .unwrap();
    first.kill();
    let mut command = folders.command();
    command.env_remove("KEYSIDE_ADMIN_TOKEN");
    let second = Gateway::start(command);
    assert_eq!(
        (&second.project_id, &second.service_account_id),
        (&project, &account)
    );
    second.client(Some(token.trim())).key(&id).await.unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folders.data().join("admin-token"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
}

#[test]
fn a_start_that_cannot_work_says_why_and_what_to_do() {
    let why_not = |folders: &Folders, token: &str, extra: &[&str]| {
        let mut command = folders.command();
        let output = command
            .args(extra)
            .env("KEYSIDE_ADMIN_TOKEN", token)
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let folders = Folders::new();
    assert!(why_not(&folders, "short", &[]).contains("has 5 characters"));
    let good = crate::support::ADMIN_TOKEN;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_keyside"));
    let output = command
        .args(["serve", "--listen", &address, "--dist"])
        .arg(folders.root.path().join("dist"))
        .arg("--data")
        .arg(folders.data())
        .env("KEYSIDE_ADMIN_TOKEN", good)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains(&address) && text.contains("--listen"),
        "{text}"
    );

    std::fs::write(
        folders.data().join("iam.sqlite3"),
        "not a database at all, only text",
    )
    .unwrap();
    assert!(why_not(&folders, good, &[]).contains("can't open the database"));
    std::fs::remove_file(crate::support::page(folders.root.path())).unwrap();
    assert!(why_not(&folders, good, &[]).contains("no index.html"));
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_ends_the_program_cleanly() {
    let folders = Folders::new();
    let mut command = folders.command();
    let mut child = command.spawn().unwrap();
    // The address is printed last, when the signal handler is installed.
    let mut seen = String::new();
    let mut stdout = child.stdout.take().unwrap();
    while !seen.contains("#code=") {
        let mut chunk = [0; 256];
        let n = stdout.read(&mut chunk).unwrap();
        assert!(n > 0, "ended early: {seen}");
        seen.push_str(&String::from_utf8_lossy(&chunk[..n]));
    }
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let killed = std::process::Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(killed.success());
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn private_key_material_is_refused_and_stored_nowhere() {
    let folders = Folders::new();
    let gateway = folders.start();
    let pkcs8 = key().to_pkcs8_pem(LineEnding::LF).unwrap();
    let pkcs1 = key().to_pkcs1_pem(LineEnding::LF).unwrap();
    let mut refused = 0;
    for secret in [pkcs8.as_str(), pkcs1.as_str()] {
        let mut as_data = new_key(&gateway);
        as_data.spec.get_or_insert_default().data = secret.to_owned();
        let mut as_description = new_key(&gateway);
        as_description.spec.get_or_insert_default().description = secret.to_owned();
        let mut as_name = new_key(&gateway);
        as_name.metadata.get_or_insert_default().name =
            secret.lines().nth(1).unwrap().to_owned() + secret;
        for request in [as_data, as_description, as_name] {
            let error = gateway.admin().create_key(request).await.unwrap_err();
            assert_eq!(error.code, InvalidArgument);
            refused += 1;
            gateway.wait_for_log("invalid_argument", refused);
            let message = error.message.unwrap();
            assert!(message.contains("private key material"), "{message}");
            for line in secret.lines().filter(|line| line.len() > 20) {
                assert!(!message.contains(line));
                assert!(!gateway.log.lock().unwrap().contains(line));
                assert!(!contains(&folders.data_bytes(), line.as_bytes()));
            }
        }
    }
    assert!(
        gateway
            .admin()
            .keys_of(&gateway.service_account_id)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn service_accounts_are_made_listed_renamed_and_deleted() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let id = admin
        .create_account(&gateway.project_id, "ci")
        .await
        .unwrap();
    assert_eq!(
        code(admin.create_account(&gateway.project_id, "ci").await),
        AlreadyExists
    );
    assert_eq!(
        code(admin.create_account(&gateway.project_id, "").await),
        InvalidArgument
    );
    assert_eq!(
        code(admin.create_account("project-e00no", "x").await),
        NotFound
    );
    let list = || async {
        let request = ListServiceAccountsRequest {
            parent_id: gateway.project_id.clone(),
            ..Default::default()
        };
        admin
            .accounts()
            .list(request)
            .await
            .unwrap()
            .into_owned()
            .items
    };
    let names: Vec<_> = list()
        .await
        .iter()
        .map(|a| a.metadata.name.clone())
        .collect();
    assert_eq!(names, ["first-service-account", "ci"]);
    let mut renamed = list().await.remove(1);
    renamed.metadata.get_or_insert_default().name = "build".to_owned();
    let update = keyside_iam::iam::UpdateServiceAccountRequest {
        metadata: renamed.metadata,
        spec: renamed.spec,
        ..Default::default()
    };
    admin.accounts().update(update).await.unwrap();
    assert_eq!(list().await[1].metadata.name, "build");
    let delete = keyside_iam::iam::DeleteServiceAccountRequest {
        id,
        ..Default::default()
    };
    admin.accounts().delete(delete).await.unwrap();
    assert_eq!(list().await.len(), 1);
}
