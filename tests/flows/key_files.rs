//! The Inspect screen: a public key from elsewhere is uploaded; a private key or a credentials file
//! is recognized, matched and inspected. Contains what its flows share.

mod bring;
mod faults;
mod forms;
mod inspect;
mod matching;
mod private;
mod speed;

use std::{fs, path::Path};

use base64::prelude::{BASE64_STANDARD, Engine};
use keyside_e2e::{browser::Browser, gateway::Gateway, page, tools};
use serde_json::{Value, json};

/// How a file is added to the page.
#[derive(Clone, Copy, Debug)]
enum Way {
    Chosen,
    Dropped,
    Pasted,
}

/// Goes to the screen, from another one.
async fn show(browser: &Browser) {
    page::go(browser, "inspect").await;
    browser.find("#key-file").await;
}

/// Adds a file; returns the page's report on it.
async fn bring(browser: &Browser, name: &str, bytes: &[u8], way: Way) -> String {
    // The report on an earlier file doesn't count.
    browser
        .run("document.getElementById('report')?.setAttribute('data-earlier', '')")
        .await;
    match way {
        Way::Chosen => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            let field = browser.find("#key-file").await;
            field.send_keys(path.to_str().unwrap()).await.unwrap();
            return report(browser, name).await;
        }
        Way::Dropped => {
            let drop = "const bytes = Uint8Array.from(atob(arguments[1]), (c) => c.charCodeAt(0));
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(new File([bytes], arguments[0]));
                const place = document.querySelector('#pick .drop');
                const event = (type) => new DragEvent(type,
                    { bubbles: true, cancelable: true, dataTransfer });
                place.dispatchEvent(event('dragover'));
                const drop = event('drop');
                place.dispatchEvent(drop);
                return drop.defaultPrevented;";
            let arguments = vec![json!(name), json!(BASE64_STANDARD.encode(bytes))];
            let taken = browser.client.execute(drop, arguments).await.unwrap();
            assert_eq!(taken, json!(true), "the browser does not open the file");
        }
        Way::Pasted => {
            if browser
                .run("return document.getElementById('paste').open")
                .await
                == json!(false)
            {
                browser.click("#paste summary").await;
            }
            browser.click("#pasted").await;
            let text = json!({ "text": str::from_utf8(bytes).unwrap() });
            browser.devtools("Input.insertText", text).await;
            browser.click("#read-pasted").await;
            let left = "return document.getElementById('pasted').value";
            assert_eq!(browser.run(left).await, json!(""), "{name} stays there");
            return report(browser, "Pasted text").await;
        }
    }
    report(browser, name).await
}

async fn report(browser: &Browser, name: &str) -> String {
    const REPORT: &str = "#report:not([data-earlier])";
    assert_eq!(
        browser.text(&format!("{REPORT} h2")).await,
        name,
        "{}",
        browser.text("#page").await
    );
    browser
        .text(&format!("{REPORT} #told, {REPORT} h2 + .problem"))
        .await
}

/// The public key that the page shows for upload.
async fn shown_public(browser: &Browser) -> String {
    browser.find("#public-half").await;
    let text = "return document.querySelector('#public-half pre').textContent";
    browser.run(text).await.as_str().unwrap().to_owned()
}

/// Creates a resource in `project` by `method`; returns its ID.
fn made(gateway: &Gateway, method: &str, project: &str, name: &str, spec: &Value) -> String {
    let body = json!({ "metadata": { "parentId": project, "name": name }, "spec": spec });
    let operation = tools::ask(gateway, method, &body);
    operation["resourceId"].as_str().unwrap().to_owned()
}

fn make_account(gateway: &Gateway, project: &str, name: &str) -> String {
    made(
        gateway,
        "ServiceAccountService/Create",
        project,
        name,
        &json!({}),
    )
}

/// Uploads a public key without the page.
fn upload(gateway: &Gateway, project: &str, account: &str, public: &str) -> String {
    let spec = json!({ "account": { "serviceAccount": { "id": account } }, "data": public });
    made(gateway, "AuthPublicKeyService/Create", project, "", &spec)
}

/// The content of a credentials file.
fn credentials(private: &str, key_id: &str, account: &str) -> Value {
    json!({ "subject-credentials": { "type": "JWT", "alg": "RS256", "private-key": private,
        "kid": key_id, "iss": account, "sub": account } })
}

/// The keys that the SDK lists with the file, or its error.
fn sdk_lists(gateway: &Gateway, file: &[u8], account: &str) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path: &Path = &folder.path().join("credentials.json");
    fs::write(path, file).unwrap();
    tools::sdk_lists_keys(&gateway.address(), path, account)
}
