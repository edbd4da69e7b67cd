//! Credentials files with one fault each, in the file or in its key at the API.

use keyside_e2e::{browser::Browser, gateway::Gateway, tools, waiting::Waiting};
use serde_json::{Value, json};

use super::{credentials, forms::Pair, made, make_account, upload};

/// A credentials file with its expected report.
pub struct Case {
    pub name: &'static str,
    pub file: Vec<u8>,
    /// Text of each finding.
    pub findings: Vec<String>,
    /// Whether it can be repaired; the repaired file must work.
    pub repaired: bool,
}

/// Creates keys in every state at the API; returns files that name them or are broken.
pub async fn cases(
    gateway: &Gateway,
    browser: &Browser,
    account: &str,
) -> (Pair, String, Vec<Case>) {
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
            "The field type is null, but it must be a string",
            true,
        ),
        case(
            "alg HS256",
            with("alg", json!("HS256")),
            "The field alg is HS256, but Nebius accepts only RS256",
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
            "Only one of them is a service account ID. Download the repaired file",
            true,
        ),
        case(
            "no kid",
            without("kid"),
            "The required field kid is missing",
            false,
        ),
        case(
            "no sub",
            without("sub"),
            "The required field sub is missing",
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
            "The private key is incomplete or altered",
            false,
        ),
        case(
            "no last line",
            with("private-key", json!(unmarked)),
            "The BEGIN or END line of the private key is missing or damaged",
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
            "No key has this kid, or it was deleted",
            false,
        ),
        case(
            "inactive",
            named(&inactive_pair, &inactive),
            "The key is inactive",
            false,
        ),
        case(
            "another's kid",
            named(&pair, &inactive),
            "The private key in this file doesn't belong to its kid",
            false,
        ),
        case(
            "another account's kid",
            named(&other, &of_another),
            &format!("The key of this kid belongs to {other_account}"),
            false,
        ),
    ];
    // This file has both faults.
    let both = cases.iter_mut().find(|case| case.name == "another's kid");
    both.unwrap()
        .findings
        .push("The key is inactive".to_owned());
    wait_until_expired(gateway, &expired).await;
    cases.push(case(
        "expired",
        named(&expired_pair, &expired),
        "The key has expired",
        false,
    ));
    (pair, key_id, cases)
}

/// Like [`upload`], for a key that expires in two seconds.
async fn upload_for_a_moment(
    gateway: &Gateway,
    browser: &Browser,
    (project, account): (&str, &str),
    public: &str,
) -> String {
    let soon = "return new Date(Date.now() + 2000).toISOString()";
    let spec = json!({ "account": { "serviceAccount": { "id": account } }, "data": public,
        "expiresAt": browser.run(soon).await });
    made(gateway, "AuthPublicKeyService/Create", project, "", &spec)
}

async fn wait_until_expired(gateway: &Gateway, key_id: &str) {
    let method = "AuthPublicKeyService/Get";
    let mut waiting = Waiting::begin();
    loop {
        let key = tools::ask(gateway, method, &json!({ "id": key_id }));
        if key["status"]["state"] == "EXPIRED" {
            return;
        }
        waiting.again(|| key.to_string()).await;
    }
}
