//! The gateway in front of a third-party API: calls arrive unchanged, with what they need and nothing
//! else, and every failure ends in the right message, with the pair kept.

use keyside_e2e::{
    browser::{Browser, Options},
    gateway::{Gateway, More},
    page, setting, tools,
    upstream::{Certificates, TOKEN, Upstream},
};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) const CREATE: &str = "AuthPublicKeyService/Create";
const EXCHANGE: &str = "TokenExchangeService/Exchange";
const WHO: &str = "nebius.iam.v1.ProfileService/Get";
const WHO_METHOD: &str = "ProfileService/Get";

/// A browser on the gateway's page, signed in with the upstream's token.
async fn connected(gateway: &Gateway) -> Browser {
    let browser = Browser::start(Options::default()).await;
    browser
        .open(&format!("{}#token={TOKEN}", gateway.url()))
        .await;
    browser.wait_for_text("#who", "Upstream admin").await;
    browser
}

pub(crate) async fn ready_to_upload(gateway: &Gateway) -> Browser {
    let browser = connected(gateway).await;
    page::choose_first_account(&browser).await;
    page::generate(&browser).await;
    browser.find("#upload").await;
    browser
}

/// Generates another pair after the previous one was uploaded.
pub(crate) async fn next_pair(browser: &Browser) {
    browser.click("#create-another").await;
    browser.click("#confirm").await;
    page::generate(browser).await;
    browser.find("#upload").await;
}

/// Tries an upload that fails; returns the page's message.
pub(crate) async fn refused(browser: &Browser) -> String {
    browser.click("#upload").await;
    let problem = page::problem(browser, "#create-form").await;
    assert!(problem.contains("Your key pair is still here"), "{problem}");
    assert!(browser.asks_before_leaving().await);
    problem
}

/// A gateway that uses the upstream's proxy, except for bare addresses.
fn before(upstream: &Upstream, certificates: &Certificates, base: &str) -> Gateway {
    let proxy = format!("http://127.0.0.1:{}", upstream.proxy_port);
    let environment = [("https_proxy", proxy.as_str()), ("no_proxy", "127.0.0.1")];
    Gateway::before_tls(base, certificates, &environment)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_job_passes_through_unchanged_and_sends_the_api_no_more_than_it_needs() {
    let upstream = Upstream::start();
    let folder = tempfile::tempdir().unwrap();
    let audit = folder.path().join("audit.jsonl");
    let mut more = More::before(upstream.port);
    more.arguments
        .extend(["--audit-log".to_owned(), audit.display().to_string()]);
    let gateway = Gateway::with(setting("KEYSIDE_DIST"), more);
    let browser = ready_to_upload(&gateway).await;
    browser.fill("#key-description", "of the web shop").await;
    let fingerprint = browser.text("#fingerprint").await;
    assert_eq!(page::upload(&browser).await, "publickey-u00n0");
    page::verified(&browser).await;
    // A state of a later API version, which this page doesn't know.
    browser.click("#view-key").await;
    browser.wait_for_text("#key-page", "publickey-u00n0").await;

    let creates = upstream.calls(CREATE);
    let [create] = creates.as_slice() else {
        panic!("{creates:?}")
    };
    let request = &create["request"];
    assert_eq!(request["metadata"], json!({ "parentId": "project-u00one" }));
    assert_eq!(
        request["spec"]["account"],
        json!({ "serviceAccount": { "id": "serviceaccount-u00one" } })
    );
    assert_eq!(request["spec"]["description"], "of the web shop");
    let der = tools::openssl(
        &["pkey", "-pubin", "-outform", "DER"],
        request["spec"]["data"].as_str().unwrap().as_bytes(),
    );
    let digest = tools::openssl(&["dgst", "-sha256", "-binary"], &der);
    let digest: Vec<_> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(digest.join(":"), fingerprint);
    assert_eq!(create["unknown"], json!([]));
    let known = [
        "authorization",
        "content-length",
        "user-agent",
        "x-idempotency-key",
    ];
    let names = |call: &Value| -> Vec<String> {
        let names = call["metadata"].as_object().unwrap().keys();
        names
            .filter(|name| !known.contains(&name.as_str()) && !name.starts_with("grpc-"))
            .cloned()
            .collect()
    };
    assert_eq!(names(create), Vec::<String>::new());
    assert!(create["metadata"]["x-idempotency-key"].is_string());
    let left = create["left_s"].as_f64().expect("a deadline");
    assert!((1.0..=20.0).contains(&left), "{left} s");
    let exchanges = upstream.calls(EXCHANGE);
    assert_eq!(exchanges.len(), 1);
    assert!(
        exchanges[0]["metadata"].get("authorization").is_none(),
        "the exchange is asked for without a token"
    );
    // Only the upstream knows whose token it was; the record doesn't contain it.
    let records = std::fs::read_to_string(&audit).unwrap();
    let created: Value = serde_json::from_str(records.lines().next().unwrap()).unwrap();
    assert_eq!(created["by"], "useraccount-u00one");
    assert_eq!(created["action"], CREATE);
    assert_eq!(created["target"], "publickey-u00n0");
    assert_eq!(created["outcome"], "ok");
    // The gateway's ID of the call and the upstream's are together, in the log too.
    assert_eq!(created["upstream_request_id"], "request-of-upstream");
    let log = gateway.output();
    let log = String::from_utf8_lossy(&log);
    let id = created["request_id"].as_str().unwrap();
    let line = log.lines().find(|line| line.contains(id)).expect(id);
    assert!(line.contains("request-of-upstream"), "{line}");
    for secret in [TOKEN, "BEGIN"] {
        assert!(!records.contains(secret), "{records}");
        assert!(!log.contains(secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_has_its_own_message_and_the_next_attempt_works() {
    let upstream = Upstream::start();
    let gateway = Gateway::before(upstream.port);
    let browser = ready_to_upload(&gateway).await;
    let cases: [(Value, &[&str]); 7] = [
        (
            json!({ "code": "PERMISSION_DENIED", "message": "not an admin" }),
            &["PERMISSION_DENIED: not an admin", "admin role"],
        ),
        (
            json!({ "code": "RESOURCE_EXHAUSTED", "message": "too many keys", "details": [
                { "type": "RetryInfo", "value": { "retryDelay": "17s" } } ] }),
            &["RESOURCE_EXHAUSTED: too many keys", "wait 17 seconds"],
        ),
        (
            json!({ "code": "INVALID_ARGUMENT", "message": "bad request", "details": [
                { "type": "BadRequest", "value": { "fieldViolations": [
                    { "field": "spec.data", "description": "too short" } ] } } ] }),
            &["INVALID_ARGUMENT: bad request", "spec.data: too short"],
        ),
        (
            json!({ "code": "DEADLINE_EXCEEDED", "message": "too slow" }),
            &["DEADLINE_EXCEEDED: too slow", "try again"],
        ),
        (
            json!({ "code": "RESOURCE_EXHAUSTED", "message": "quota exceeded", "details": [
                { "type": "ServiceError", "value": {
                    "service": "iam", "code": "QuotaFailure", "retryType": "NOTHING",
                    "quotaFailure": { "violations": [ {
                        "quota": "iam.key.count", "message": "too many keys of this account",
                        "limit": "10", "requested": "11" } ] } } } ] }),
            &[
                "You've reached a quota",
                "ask for a higher quota",
                "Quota iam.key.count: too many keys of this account. Limit: 10; requested: 11.",
            ],
        ),
        (
            json!({ "code": "ALREADY_EXISTS", "message": "exists", "details": [
                { "type": "ServiceError", "value": {
                    "service": "iam", "code": "ResourceAlreadyExists",
                    "resourceAlreadyExists": { "resourceId": "publickey-u00other" } } } ] }),
            &["ALREADY_EXISTS: exists", "Resource: publickey-u00other"],
        ),
        (
            json!({ "code": "ABORTED", "message": "conflict", "details": [
                { "type": "ServiceError", "value": {
                    "service": "iam", "code": "ResourceConflict", "retryType": "UNIT_OF_WORK",
                    "resourceConflict": {
                        "resourceId": "project-u00one", "message": "being moved" } } } ] }),
            &["being moved.", "start again", "Resource: project-u00one"],
        ),
    ];
    for (at, (failure, parts)) in cases.iter().enumerate() {
        if at > 0 {
            next_pair(&browser).await;
        }
        upstream.fail_with(CREATE, 1, failure);
        let problem = refused(&browser).await;
        for part in *parts {
            assert!(problem.contains(part), "{part}: {problem}");
        }
        // A key, which the page can show, is a link.
        let link = browser.has(".problem a[href^='#/keys/publickey-']").await;
        assert_eq!(link, problem.contains("Resource: publickey-"), "{problem}");
        assert!(problem.contains("request-of-upstream"), "{problem}");
        assert!(problem.contains("trace-of-upstream"), "{problem}");
        page::upload(&browser).await;
        assert_eq!(upstream.keys().len(), at + 1, "no create was done twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_retries_temporary_failures_and_nothing_is_done_twice() {
    let upstream = Upstream::start();
    let gateway = Gateway::before(upstream.port);
    let browser = ready_to_upload(&gateway).await;
    // Unavailable twice: the user doesn't notice.
    upstream.fail(CREATE, "UNAVAILABLE", 2);
    page::upload(&browser).await;
    let keys = |call: &Value| call["metadata"]["x-idempotency-key"].clone();
    let creates = upstream.calls(CREATE);
    assert_eq!(creates.len(), 3);
    assert!(creates.iter().all(|call| keys(call) == keys(&creates[0])));
    assert_eq!(upstream.keys().len(), 1);

    // Unavailable for good: reported after some attempts.
    next_pair(&browser).await;
    upstream.fail(CREATE, "UNAVAILABLE", 4);
    let problem = refused(&browser).await;
    assert!(problem.contains("UNAVAILABLE: told to fail"), "{problem}");
    page::upload(&browser).await;
    assert_eq!(upstream.keys().len(), 2);

    // The API's own advice comes first, whatever the code.
    let with_advice = |code: &str, advice: &str| {
        json!({ "code": code, "message": "told to fail", "details": [
            { "type": "ServiceError", "value": { "service": "iam", "retryType": advice } } ] })
    };
    for (code, advice, calls) in [
        ("RESOURCE_EXHAUSTED", "CALL", 2),
        ("UNAVAILABLE", "NOTHING", 1),
        ("UNAVAILABLE", "UNIT_OF_WORK", 1),
    ] {
        let before = upstream.calls(WHO_METHOD).len();
        upstream.fail_with(WHO_METHOD, 1, &with_advice(code, advice));
        let (status, answer) = tools::curl(&gateway.address(), WHO, Some(TOKEN), &json!({}));
        assert_eq!(status == 200, calls == 2, "{code} {advice}: {answer}");
        assert_eq!(upstream.calls(WHO_METHOD).len(), before + calls, "{advice}");
    }

    // A change without an idempotency key is not repeated.
    upstream.fail("AuthPublicKeyService/Create", "UNAVAILABLE", 1);
    let before = upstream.calls(CREATE).len();
    let (status, answer) = tools::curl(
        &gateway.address(),
        "nebius.iam.v1.AuthPublicKeyService/Create",
        Some(TOKEN),
        &json!({}),
    );
    assert_eq!((status, &answer["code"]), (503, &json!("unavailable")));
    assert_eq!(upstream.calls(CREATE).len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_below_the_base_are_called_over_tls_through_the_proxy() {
    let names = ["cpl.iam.api.keyside.test", "tokens.iam.api.keyside.test"];
    let certificates = Certificates::make(30, &names);
    let upstream = Upstream::start_tls(&certificates);
    let gateway = before(&upstream, &certificates, "api.keyside.test");
    let browser = ready_to_upload(&gateway).await;
    page::upload(&browser).await;
    page::verified(&browser).await;
    let asked = upstream.command(&json!({ "do": "asked" }));
    let mut asked: Vec<_> = asked
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().to_owned())
        .collect();
    asked.sort();
    asked.dedup();
    let expected = names.map(|name| format!("CONNECT {name}:443 HTTP/1.1"));
    assert_eq!(asked, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_certificates_are_refused_with_a_message() {
    for (last_day, names, message) in [
        (-1, &["127.0.0.1"], "expired"),
        (30, &["another.keyside.test"], "not valid for name"),
    ] {
        let certificates = Certificates::make(last_day, names);
        let upstream = Upstream::start_tls(&certificates);
        let base = format!("https://127.0.0.1:{}", upstream.port);
        let gateway = before(&upstream, &certificates, &base);
        let browser = Browser::start(Options::default()).await;
        browser
            .open(&format!("{}#token={TOKEN}", gateway.url()))
            .await;
        let problem = browser.text("#connect .problem").await.to_lowercase();
        assert!(problem.contains(message), "{problem}");
        assert!(problem.contains("no connection to 127.0.0.1"), "{problem}");
        // A pair can still be generated and saved.
        page::generate_alone(&browser).await;
        assert!(upstream.calls("ProfileService/Get").is_empty());
    }
    // A certificate authority that isn't configured.
    let certificates = Certificates::make(30, &["127.0.0.1"]);
    let upstream = Upstream::start_tls(&certificates);
    let others = Certificates::make(30, &["127.0.0.1"]);
    let base = format!("https://127.0.0.1:{}", upstream.port);
    let gateway = before(&upstream, &others, &base);
    let (status, answer) = tools::curl(&gateway.address(), WHO, Some(TOKEN), &json!({}));
    assert_eq!(status, 503);
    let message = answer["message"].as_str().unwrap();
    assert!(
        message.contains("UnknownIssuer") || message.contains("BadSignature"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_and_states_of_a_later_version_pass_both_ways() {
    let upstream = Upstream::start();
    let gateway = Gateway::before(upstream.port);
    let browser = ready_to_upload(&gateway).await;
    page::upload(&browser).await;
    let raw = |address: &str, message: &str| {
        let output = tools::python("upstream/raw.py")
            .args([
                address,
                "/nebius.iam.v1.AuthPublicKeyService/Get",
                TOKEN,
                message,
            ])
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{printed}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    // GetAuthPublicKeyRequest { 1: "publickey-u00n0", 98: "new" }
    let request = format!("0a0f{}9206036e6577", hex::encode("publickey-u00n0"));
    let through = raw(&gateway.address(), &request);
    // Field 99: "later"; status { state = 42 }.
    assert!(through.contains("9a06056c61746572"), "{through}");
    assert!(through.contains("082a"), "{through}");
    let gets = upstream.calls("AuthPublicKeyService/Get");
    assert_eq!(gets[0]["unknown"], json!([98]));
}

#[test]
fn an_account_joins_and_leaves_a_group_through_the_gateway() {
    let upstream = Upstream::start();
    let folder = tempfile::tempdir().unwrap();
    let audit = folder.path().join("audit.jsonl");
    let mut more = More::before(upstream.port);
    more.arguments
        .extend(["--audit-log".to_owned(), audit.display().to_string()]);
    let gateway = Gateway::with(setting("KEYSIDE_DIST"), more);
    let call = |method: &str, request: Value| {
        let method = format!("nebius.iam.v1.{method}");
        let (status, answer) = tools::curl(&gateway.address(), &method, Some(TOKEN), &request);
        assert_eq!(status, 200, "{method}: {answer}");
        answer
    };
    let groups = call("GroupService/List", json!({ "parentId": "tenant-u00one" }));
    assert_eq!(groups["items"].as_array().unwrap().len(), 4);
    let viewers = json!({ "parentId": "tenant-u00one", "name": "viewers" });
    let viewers = call("GroupService/GetByName", viewers);
    let id = &viewers["metadata"]["id"];
    assert_eq!(call("GroupService/Get", json!({ "id": id })), viewers);

    // It's retried only with an idempotency key.
    let account = "serviceaccount-u00one";
    let entry = json!({ "metadata": { "parentId": id }, "spec": { "memberId": account } });
    let enter = "GroupMembershipService/Create";
    upstream.fail(enter, "UNAVAILABLE", 1);
    let path = format!("nebius.iam.v1.{enter}");
    let (status, _) = tools::curl(&gateway.address(), &path, Some(TOKEN), &entry);
    assert_eq!((status, upstream.calls(enter).len()), (503, 1));
    let membership = call(enter, entry)["resourceId"].clone();
    let sent = &upstream.calls(enter)[1];
    assert_eq!(sent["unknown"], json!([]));
    assert_eq!(sent["metadata"]["authorization"], format!("Bearer {TOKEN}"));
    // Reads are retried.
    let read = "GroupMembershipService/ListMemberOf";
    upstream.fail(read, "UNAVAILABLE", 2);
    let of_account = call(read, json!({ "subjectId": account }));
    assert_eq!(of_account["items"][0]["metadata"]["name"], "viewers");
    assert_eq!(of_account["items"][0]["status"]["serviceAccountsCount"], 1);
    let members = call(
        "GroupMembershipService/ListMembers",
        json!({ "parentId": id }),
    );
    assert_eq!(members["memberships"][0]["metadata"]["id"], membership);

    call("GroupMembershipService/Delete", json!({ "id": membership }));
    assert_eq!(call(read, json!({ "subjectId": account })), json!({}));
    // Both attempts to join, and the removal.
    let records = std::fs::read_to_string(&audit).unwrap();
    let records: Vec<Value> = records
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let field =
        |name: &str| -> Vec<&Value> { records.iter().map(|record| &record[name]).collect() };
    assert_eq!(field("outcome"), ["unavailable", "ok", "ok"]);
    assert_eq!(
        field("member"),
        [&json!(account), &json!(account), &Value::Null]
    );
    assert_eq!(records[2]["target"], membership);
    assert_eq!(records[2]["by"], "useraccount-u00one");
}

/// Compares .proto files with the official SDK's; returns whether they agree, and what was printed.
fn compare_with_sdk(folder: &Path) -> (bool, String) {
    let output = tools::python("upstream/fields.py")
        .arg(folder)
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    (output.status.success(), printed)
}

#[test]
fn our_proto_files_agree_with_the_official_sdks() {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/iam/proto");
    let (agree, printed) = compare_with_sdk(&ours);
    assert!(agree, "{printed}");
    assert!(printed.contains("30 methods"), "{printed}");
    assert!(
        printed.contains("only in the SDK: nebius.iam.v1.FederatedCredentialsService"),
        "{printed}"
    );
    // Fields, enum values and deprecations that we lack are found.
    for (file, line, expected) in [
        (
            "nebius/common/v1/operation.proto",
            "  ProgressTracker progress_tracker = 12;\n",
            "nebius.common.v1.Operation: lacks progress_tracker = 12",
        ),
        (
            "nebius/common/v1/error.proto",
            "    NOTHING = 3;\n",
            "RetryType: lacks NOTHING = 3",
        ),
        (
            "nebius/iam/v1/profile.proto",
            " [deprecated = true]",
            "zoneinfo = 8 is deprecated in the SDK",
        ),
    ] {
        let altered = tempfile::tempdir().unwrap();
        copy_folder(&ours, altered.path());
        let file = altered.path().join(file);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(line));
        std::fs::write(&file, text.replace(line, "")).unwrap();
        let (agree, printed) = compare_with_sdk(altered.path());
        assert!(!agree && printed.contains(expected), "{printed}");
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}

#[test]
fn a_plain_text_upstream_elsewhere_is_refused_at_the_start() {
    let output = std::process::Command::new(setting("KEYSIDE_BIN"))
        .args(["serve", "--upstream", "http://api.keyside.test", "--dist"])
        .arg(setting("KEYSIDE_DIST"))
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        printed.contains("to api.keyside.test without encryption"),
        "{printed}"
    );
}
