//! What is wrong with a credentials file, in itself and by what the API knows of its key: judged by
//! the official SDK, which is given the same files and the repaired ones.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use keyside_e2e::{
    accessible::{assert_accessible, assert_fits},
    browser::{Browser, PATIENCE},
    gateway::Gateway,
    page, tools,
};
use serde_json::{Value, json};

use super::{Way, bring, credentials, forms::Pair, make_account, sdk_lists, show, upload};

const REFUSED: &str = "The official SDKs and the CLI do not take this file.";

/// A credentials file, and what is to be said of it.
struct Case {
    name: &'static str,
    file: Vec<u8>,
    /// Words of each thing that is found.
    findings: Vec<String>,
    /// Whether it can be written anew: the new file then works.
    repaired: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_a_credentials_file_is_found_and_what_can_be_repaired_works_then() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::connected(&gateway).await;
    let (pair, key_id, cases) = cases(&gateway, &browser, &account).await;
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = (0..cases.len())
        .map(|at| folder.path().join(format!("{at}.json")))
        .collect();
    for (path, case) in files.iter().zip(&cases) {
        fs::write(path, &case.file).unwrap();
    }
    let words = tools::sdk_reads(&files);
    show(&browser).await;
    let mut repaired = BTreeSet::new();
    for (case, sdk) in cases.iter().zip(words) {
        bring(&browser, case.name, &case.file, Way::Dropped).await;
        for finding in &case.findings {
            browser.wait_for_text("#findings", finding).await;
        }
        let items = "return document.querySelectorAll('#findings li').length";
        assert_eq!(
            browser.run(items).await,
            json!(case.findings.len()),
            "{}: {}",
            case.name,
            browser.text("#findings").await
        );
        let verdict = browser.text("#verdict").await;
        assert_eq!(
            verdict == REFUSED,
            sdk.is_some(),
            "{}: {verdict} {sdk:?}",
            case.name
        );
        let offered = browser.has("#save-repaired").await;
        assert_eq!(offered, case.repaired, "{}", case.name);
        if offered {
            let file = save_repaired(&browser, &account).await;
            // It holds what the pair's own file holds, and the key as openssl writes it.
            let value: Value = serde_json::from_slice(&file).unwrap();
            assert_eq!(value, credentials(&pair.private, &key_id, &account));
            repaired.insert(file);
        } else if sdk.is_none() {
            // The file is well made; it is the key that opens nothing.
            browser.click("#prove-file").await;
            let refused = browser.text("#proof .problem").await;
            assert!(refused.contains("UNAUTHENTICATED"), "{refused}");
            // The admin's own token has no part in it.
            assert!(!refused.contains("Connect again"), "{refused}");
        }
    }
    browser.picture("file-wrong", 1280, false).await;
    assert_accessible(&browser, "a credentials file that opens nothing").await;
    assert_fits(&browser, "a credentials file that opens nothing").await;
    repaired.insert(a_locked_one_is_opened(&browser, &pair, &key_id, &account).await);
    // They are all the same, to the byte.
    assert_eq!(repaired.len(), 1);
    for file in repaired {
        let listed = sdk_lists(&gateway, &file, &account);
        assert!(listed.unwrap().contains(&key_id));
    }

    let good = credentials(&pair.private, &key_id, &account).to_string();
    bring(&browser, "good.json", good.as_bytes(), Way::Dropped).await;
    browser
        .wait_for_text("#verdict", "Nothing is wrong with this file.")
        .await;
    assert!(!browser.has("#findings").await && !browser.has("#save-repaired").await);
    browser.wait_for_text("#match-key", &key_id).await;
    browser.click("#prove-file").await;
    browser
        .wait_for_text("#proof", "These credentials work")
        .await;
    browser.picture("file-good", 1280, false).await;
}

/// Keys in every state at the API; the files that name them or are broken.
async fn cases(gateway: &Gateway, browser: &Browser, account: &str) -> (Pair, String, Vec<Case>) {
    let project = gateway.printed("project");
    let other_account = make_account(gateway, &project, "another");
    let (pair, other) = (Pair::make(), Pair::make());
    let (inactive_pair, expired_pair) = (Pair::make(), Pair::make());
    let place = (project.as_str(), account);
    let expired = upload_for_a_moment(gateway, browser, place, &expired_pair.public).await;
    let key_id = upload(gateway, &project, account, &pair.public);
    let inactive = upload(gateway, &project, account, &inactive_pair.public);
    let of_another = upload(gateway, &project, &other_account, &other.public);
    let method = "AuthPublicKeyService/Deactivate";
    tools::ask(gateway, method, &json!({ "id": inactive }));

    let good = credentials(&pair.private, &key_id, account);
    let with = |field: &str, value: Value| {
        let mut file = good.clone();
        file["subject-credentials"][field] = value;
        file.to_string().into_bytes()
    };
    let without = |field: &str| {
        let mut file = good.clone();
        let fields = file["subject-credentials"].as_object_mut().unwrap();
        fields.remove(field).unwrap();
        file.to_string().into_bytes()
    };
    let named = |pair: &Pair, kid: &str| {
        credentials(&pair.private, kid, account)
            .to_string()
            .into_bytes()
    };
    let private = &pair.private;
    let cut = format!("{}\n-----END PRIVATE KEY-----\n", &private[..1500]);
    let unmarked = private.replace("-----END PRIVATE KEY-----\n", "");
    let pkcs1 = String::from_utf8(pair.openssl(&["rsa", "-traditional"])).unwrap();
    let case = |name, file, finding: &str, repaired| Case {
        name,
        file,
        findings: vec![finding.to_owned()],
        repaired,
    };
    let mut cases = vec![
        case(
            "type null",
            with("type", json!(null)),
            "The field type has null where a text must be",
            true,
        ),
        case(
            "alg HS256",
            with("alg", json!("HS256")),
            "The field alg says HS256, but Nebius takes RS256 alone",
            true,
        ),
        case(
            "iss unlike sub",
            with("iss", json!(other_account)),
            &format!("iss is {other_account}, but sub is {account}"),
            false,
        ),
        case(
            "iss no account",
            with("iss", json!("project-e00a")),
            "Only one of them is a service account's. Save the file anew",
            true,
        ),
        case(
            "no kid",
            without("kid"),
            "The field kid is missing, and no reader goes without it",
            false,
        ),
        case(
            "no sub",
            without("sub"),
            "The field sub is missing, and no reader goes without it",
            true,
        ),
        case(
            "escaped twice",
            with("private-key", json!(private.replace('\n', "\\n"))),
            "The line breaks of the private key are escaped twice",
            true,
        ),
        case(
            "cut",
            with("private-key", json!(cut)),
            "The private key is cut off or altered",
            false,
        ),
        case(
            "no last line",
            with("private-key", json!(unmarked)),
            "The first or last line of the private key is missing or damaged",
            true,
        ),
        case(
            "PKCS#1",
            with("private-key", json!(pkcs1)),
            "The private key is in PKCS#1",
            true,
        ),
        case(
            "unknown kid",
            with("kid", json!("publickey-e00unknown")),
            "The API knows no key with this kid, or it is deleted",
            false,
        ),
        case(
            "inactive",
            named(&inactive_pair, &inactive),
            "The key of this kid is inactive",
            false,
        ),
        case(
            "another's kid",
            named(&pair, &inactive),
            "The private key in this file is not the one of this kid",
            false,
        ),
        case(
            "another account's kid",
            named(&other, &of_another),
            &format!("The key of this kid belongs to {other_account}"),
            false,
        ),
    ];
    // Both are wrong with it.
    let both = cases.iter_mut().find(|case| case.name == "another's kid");
    both.unwrap()
        .findings
        .push("The key of this kid is inactive".to_owned());
    wait_until_expired(gateway, &expired).await;
    cases.push(case(
        "expired",
        named(&expired_pair, &expired),
        "The key of this kid has expired",
        false,
    ));
    (pair, key_id, cases)
}

/// As [`upload`], with an expiry in two seconds.
async fn upload_for_a_moment(
    gateway: &Gateway,
    browser: &Browser,
    (project, account): (&str, &str),
    public: &str,
) -> String {
    let soon = "return new Date(Date.now() + 2000).toISOString()";
    let spec = json!({ "account": { "serviceAccount": { "id": account } }, "data": public,
        "expiresAt": browser.run(soon).await });
    super::made(gateway, "AuthPublicKeyService/Create", project, "", &spec)
}

async fn wait_until_expired(gateway: &Gateway, key_id: &str) {
    let method = "AuthPublicKeyService/Get";
    let give_up = Instant::now() + PATIENCE;
    loop {
        let key = tools::ask(gateway, method, &json!({ "id": key_id }));
        if key["status"]["state"] == "EXPIRED" {
            return;
        }
        assert!(Instant::now() < give_up, "{key}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The repaired file, as it is downloaded.
async fn save_repaired(browser: &Browser, account: &str) -> Vec<u8> {
    let name = format!("{account}-credentials.json");
    browser.click("#save-repaired").await;
    let file = browser.download(&name).await;
    fs::remove_file(browser.download_path(&name)).unwrap();
    file
}

/// A private key under a passphrase inside the file: nobody's reader asks for one, so the new file
/// goes without. Gives that.
async fn a_locked_one_is_opened(
    browser: &Browser,
    pair: &Pair,
    key_id: &str,
    account: &str,
) -> Vec<u8> {
    let locked = pair.locked(&["-v2", "aes-256-cbc"], "of the file");
    let locked = String::from_utf8(locked).unwrap();
    let file = credentials(&locked, key_id, account).to_string();
    bring(browser, "locked.json", file.as_bytes(), Way::Dropped).await;
    browser
        .wait_for_text("#findings", "Give its passphrase here")
        .await;
    assert_eq!(browser.text("#verdict").await, REFUSED);
    assert!(!browser.has("#save-repaired").await);
    browser.fill("#open-passphrase", "not of the file").await;
    browser.click("#open-file").await;
    browser
        .wait_for_text("#report .problem", "does not open this file")
        .await;
    assert_accessible(browser, "a file under a passphrase").await;
    browser.fill("#open-passphrase", "of the file").await;
    browser.click("#open-file").await;
    browser
        .wait_for_text("#findings", "It was opened with yours")
        .await;
    save_repaired(browser, account).await
}
