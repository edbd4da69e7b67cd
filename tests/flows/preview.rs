//! The page shows before an upload exactly what it sends.

use std::fs;

use keyside_e2e::{
    gateway::{ADMIN_TOKEN, Gateway},
    module::copy_all,
    page, setting,
};

/// Records the body of the create, in base64, and its address.
const KEEP_BODY: &str = "const real = window.fetch; window.sent = [];
    window.fetch = async (request, ...more) => {
        if (request.url?.endsWith('/Create')) {
            const bytes = new Uint8Array(await request.clone().arrayBuffer());
            window.sent.push([request.url, request.headers.get('content-type'),
                btoa(String.fromCharCode(...bytes))]);
        }
        return real(request, ...more);
    };";

#[tokio::test(flavor = "multi_thread")]
async fn the_body_shown_is_the_body_sent() {
    for protocol in ["connect", "grpc-web"] {
        let dist = tempfile::tempdir().unwrap();
        copy_all(&setting("KEYSIDE_DIST"), dist.path());
        let config = format!(r#"{{ "protocol": "{protocol}" }}"#);
        fs::write(dist.path().join("config.json"), config).unwrap();
        let gateway = Gateway::serving(dist.path().to_owned());
        let browser = page::connected_with(&gateway, KEEP_BODY).await;
        page::choose_first_account(&browser).await;
        page::generate(&browser).await;
        browser.fill("#key-description", "déjà vu").await;
        let shown = browser.text("#preview-body pre").await;
        let request = browser.text("#preview pre").await;
        assert!(!browser.text("#preview").await.contains(ADMIN_TOKEN));
        page::upload(&browser).await;
        let sent = browser.run("return window.sent").await;
        assert_eq!(sent.as_array().unwrap().len(), 1);
        assert_eq!(sent[0][2], shown, "{protocol}");
        for at in 0..2 {
            let part = sent[0][at].as_str().unwrap();
            assert!(request.contains(part), "{part}: {request}");
        }
    }
}
