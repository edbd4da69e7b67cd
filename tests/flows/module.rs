//! The key engine as an ES module: usable from a plain page, with TypeScript types and errors that
//! programs can distinguish.

use std::process::Command;

use keyside_e2e::{
    module::{ModulePage, copy_all, sources},
    setting, tools,
};
use serde_json::json;

/// JavaScript: the code of the error that a promise or a function fails with.
const CODE_OF: &str = "const codeOf = async (f) => {
    try { await f(); return 'no error'; }
    catch (error) {
        const plain = Object.getPrototypeOf(error) === Object.prototype;
        const keys = Object.keys(error).sort().join();
        return plain && keys === 'code,message' && error.message ? error.code : String(error);
    }
}; ";

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_page_makes_a_pair_that_openssl_accepts() {
    let page = ModulePage::open().await;
    let browser = &page.browser;
    browser.click("#make").await;
    browser.wait_for_text("#fingerprint", ":").await;
    let result = browser
        .run_until_done(
            "const text = (bytes) => new TextDecoder().decode(bytes);
            const ids = { keyId: 'publickey-e00a', serviceAccountId: 'serviceaccount-e00b' };
            const bytes = await pair.privateKeyPem();
            done({
                isBytes: bytes instanceof Uint8Array,
                pem: text(bytes),
                public: pair.publicKeyPem(),
                read: keyside.readPublicKey(pair.publicKeyPem()),
                fingerprint: pair.fingerprint,
                bits: pair.bits,
                fast: pair.fast,
                crossChecked: pair.crossChecked,
                elapsedMs: pair.elapsedMs,
                credentials: JSON.parse(text(await pair.credentials(ids))),
                jwt: await pair.signJwt({ ...ids, now: 1000 }),
            });",
        )
        .await;
    let pem = result["pem"].as_str().unwrap();
    assert_eq!(result["isBytes"], true);
    tools::openssl(&["rsa", "-check", "-noout"], pem.as_bytes());
    let public = tools::openssl(&["rsa", "-pubout"], pem.as_bytes());
    let public = String::from_utf8(public).unwrap();
    assert_eq!(result["public"], public);
    assert_eq!(
        result["read"],
        json!({ "bits": 2048, "fingerprint": result["fingerprint"], "pem": public })
    );
    assert_eq!(result["bits"], 2048);
    assert_eq!(result["fast"], true, "this browser has relaxed SIMD");
    assert_eq!(result["crossChecked"], true, "a secure context");
    assert!(result["elapsedMs"].as_f64().unwrap() > 0.0);
    let subject = &result["credentials"]["subject-credentials"];
    assert_eq!(subject["private-key"], pem);
    assert_eq!(subject["kid"], "publickey-e00a");
    assert_eq!(subject["sub"], "serviceaccount-e00b");
    // openssl verifies the signature.
    let (signed, signature) = result["jwt"].as_str().unwrap().rsplit_once('.').unwrap();
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("public.pem"), &public).unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    std::fs::write(path("signature"), signature).unwrap();
    let (key, signature) = (path("public.pem"), path("signature"));
    tools::openssl(
        &["dgst", "-sha256", "-verify", &key, "-signature", &signature],
        signed.as_bytes(),
    );
    // After free() the handle can't be used, and its worker is gone.
    let after = browser
        .run_until_done(
            "pair.free(); try { pair.fingerprint; done('alive'); } catch { done('gone'); }",
        )
        .await;
    assert_eq!(after, "gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_plain_objects_with_stable_codes() {
    let page = ModulePage::open().await;
    let script = "done({
        small: await codeOf(() => keyside.generate({ bits: 1024 })),
        odd: await codeOf(() => keyside.generate({ bits: 'many' })),
        text: await codeOf(() => keyside.readPublicKey('nonsense')),
        before: await codeOf(() => keyside.generate({ signal: AbortSignal.abort() })),
        during: await codeOf(() => {
            const controller = new AbortController();
            return keyside.generate({
                signal: controller.signal,
                onProgress: () => controller.abort(),
            });
        }),
        atOnce: await codeOf(() => {
            const controller = new AbortController();
            const outcome = keyside.generate({ signal: controller.signal });
            setTimeout(() => controller.abort());
            return outcome;
        }),
        ids: await (async () => {
            const pair = await keyside.generate({ bits: 2048 });
            const bad = { keyId: 'a b', serviceAccountId: 'serviceaccount-e00b' };
            const codes = [
                await codeOf(() => pair.credentials(bad)),
                await codeOf(() => pair.signJwt(bad)),
                await codeOf(() => pair.credentials({ keyId: 'publickey-e00a' })),
            ];
            pair.free();
            return codes;
        })(),
    });";
    let codes = page
        .browser
        .run_until_done(&format!("{CODE_OF} {script}"))
        .await;
    assert_eq!(
        codes,
        json!({
            "small": "bad-option",
            "odd": "bad-option",
            "text": "bad-public-key",
            "before": "aborted",
            "during": "aborted",
            "atOnce": "aborted",
            "ids": ["bad-id", "bad-id", "bad-option"],
        })
    );
}

#[test]
fn strict_typescript_accepts_right_uses_and_refuses_wrong_ones() {
    let folder = tempfile::tempdir().unwrap();
    copy_all(&setting("KEYSIDE_MODULE"), folder.path());
    copy_all(&sources(), folder.path());
    let output = Command::new(setting("KEYSIDE_NODE_PACKAGES").join(".bin/tsc"))
        .args(["--strict", "--noEmit", "--skipLibCheck", "false"])
        .args(["--target", "es2022", "--module", "es2022"])
        .args(["--moduleResolution", "bundler", "--lib", "esnext,dom"])
        .arg("use.ts")
        .current_dir(&folder)
        .output()
        .expect("tsc starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}");
}
