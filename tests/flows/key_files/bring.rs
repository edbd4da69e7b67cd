//! Public keys from elsewhere: every format is converted to what openssl writes, and works once it's
//! uploaded. Files that can't be used are reported, and can't be uploaded.

use keyside_e2e::{
    accessible::{Rules, assert_accessible},
    gateway::{ADMIN_TOKEN, Gateway},
    page, tools,
};
use serde_json::json;

use super::{Way, bring, credentials, forms::Pair, make_account, sdk_lists, show, shown_public};

#[tokio::test(flavor = "multi_thread")]
async fn a_public_key_in_any_format_can_be_added_in_any_way_and_works() {
    let gateway = Gateway::start();
    let project = gateway.printed("project");
    let account = make_account(&gateway, &project, "of-a-pair-from-elsewhere");
    let pair = Pair::make();
    let browser = page::connected(&gateway).await;
    show(&browser).await;
    let canonical = tools::openssl(&["pkey", "-pubin"], pair.public.as_bytes());
    let canonical = String::from_utf8(canonical).unwrap();
    for (name, file) in pair.publics() {
        for way in [Way::Chosen, Way::Dropped, Way::Pasted] {
            if matches!(way, Way::Pasted) && str::from_utf8(&file).is_err() {
                continue;
            }
            let report = bring(&browser, name, &file, way).await;
            assert!(report.contains("RSA with 4096 bits."), "{report}");
            assert_eq!(shown_public(&browser).await, canonical, "{name}, {way:?}");
        }
    }
    refusals_are_reported(&browser).await;
    // A file dropped beside the drop area doesn't replace the page.
    let beside = "const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['a'], 'a.pem'));
        const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer });
        document.querySelector('h1').dispatchEvent(event);
        return event.defaultPrevented;";
    assert_eq!(browser.run(beside).await, json!(true));
    assert_eq!(
        page::keys_of(&gateway, ADMIN_TOKEN, &account),
        [""; 0],
        "nothing is uploaded unasked"
    );

    // From a certificate, so that the upload differs from the file.
    let (name, certificate) = &pair.publics()[6];
    bring(&browser, name, certificate, Way::Chosen).await;
    browser
        .wait_for_text("#lookup-result", "has this public key")
        .await;
    browser.picture("file-public", 1280, false).await;
    assert_accessible(&browser, "a public key that is not uploaded", Rules::All).await;
    browser.click("#bring").await;
    let choice = format!("#choose-{account}");
    browser.click(&choice).await;
    browser.find(&format!("{choice}:checked")).await;
    browser.click("#review-request summary").await;
    browser.wait_for_text("#preview", &account).await;
    let key_id = page::upload(&browser).await;
    let key = tools::ask(
        &gateway,
        "AuthPublicKeyService/Get",
        &json!({ "id": key_id }),
    );
    assert_eq!(key["spec"]["data"], json!(canonical));
    assert_eq!(
        key["spec"]["account"]["serviceAccount"]["id"],
        json!(account)
    );
    // The key is found at once.
    assert_eq!(browser.text("#match-key").await, key_id);
    assert_eq!(browser.text("#match-account").await, account);
    browser.picture("file-uploaded", 1280, false).await;

    let file = credentials(&pair.private, &key_id, &account).to_string();
    let listed = sdk_lists(&gateway, file.as_bytes(), &account);
    assert_eq!(listed, Ok(vec![key_id]));
    // Another private key doesn't match: the token exchange proves it.
    let other = String::from_utf8(tools::rsa_4096()).unwrap();
    let kid = page::keys_of(&gateway, ADMIN_TOKEN, &account).remove(0);
    let file = credentials(&other, &kid, &account).to_string();
    sdk_lists(&gateway, file.as_bytes(), &account).unwrap_err();
}

/// Files without a usable public key, each with its message; none can be uploaded.
async fn refusals_are_reported(browser: &keyside_e2e::browser::Browser) {
    let public_half = |private: Vec<u8>| tools::openssl(&["pkey", "-pubout"], &private);
    let public = |args: &[&str]| public_half(tools::openssl(args, b""));
    let ec = ["genpkey", "-algorithm", "EC", "-pkeyopt", "group:P-256"];
    let rsa = public_half(tools::rsa_4096());
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3268\n";
    let picture = browser.find("#pick-heading").await.screenshot().await;
    let picture = picture.unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    let mut large = rsa.clone();
    large.resize(10_000_000, b'\n');
    for (name, file, sentence) in [
        (
            "ec.pem",
            public(&ec),
            "This is an elliptic-curve key (EC), but authorized keys must be RSA. Create an RSA key",
        ),
        (
            "ed25519.pem",
            public(&["genpkey", "-algorithm", "ed25519"]),
            "This is an Ed25519 or Ed448 key, but authorized keys must be RSA",
        ),
        (
            "short.pem",
            public(&["genrsa", "2048"]),
            "This RSA public key has 2048 bits, but at least 4096 are required",
        ),
        (
            "two.pem",
            [&rsa[..], &public_half(tools::rsa_4096())].concat(),
            "The file contains 2 keys or certificates, but you can upload only one",
        ),
        (
            "pointer.pem",
            pointer.to_vec(),
            "This is a Git LFS pointer, not the file itself",
        ),
        ("empty.pem", Vec::new(), "The file is empty"),
        ("picture.png", picture, "This is an image, not a key file"),
        ("large.pem", large, "The file has 10000000 bytes"),
    ] {
        let report = bring(browser, name, &file, Way::Chosen).await;
        assert!(report.contains(sentence), "{name}: {report}");
        for offer in ["#bring", "#lookup", "#upload-step", "#public-half"] {
            assert!(!browser.has(offer).await, "{name}: {offer}");
        }
    }
    browser.picture("file-refused", 1280, false).await;
    assert_accessible(browser, "a file that is refused", Rules::All).await;
}
