//! Everybody can use the page: each state of the screen, in each look, by axe-core's rules; on
//! narrow screens, zoomed, and by the keyboard alone.

use keyside_e2e::{
    accessible::{
        assert_accessible, assert_fits, assert_keyboard_reaches_all, judged_by_axe, keyboard_fault,
        too_wide,
    },
    browser::{Browser, Look, Options},
    gateway::Gateway,
    page,
};

async fn is_for_everybody(browser: &Browser, state: &str) {
    for width in [1280, 320] {
        let light = Look {
            width,
            ..Look::default()
        };
        let dark = Look {
            dark: true,
            less_motion: true,
            ..light
        };
        let forced = Look {
            forced_colours: true,
            ..light
        };
        let forced_dark = Look {
            dark: true,
            ..forced
        };
        for (name, look) in [
            ("light", light),
            ("dark", dark),
            ("forced", forced),
            ("forced-dark", forced_dark),
        ] {
            browser.look(look).await;
            let state = format!("accessible-{state}-{width}-{name}");
            assert_accessible(browser, &state).await;
            browser.picture_as_it_is(&state).await;
        }
    }
    assert_fits(browser, &format!("accessible-{state}")).await;
    assert_keyboard_reaches_all(browser, state).await;
}

/// Key workers that never answer, once `window.stuck` is set.
const STUCK_WORKERS: &str = "const real = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (...message) {
        if (!window.stuck) real.apply(this, message);
    };";

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_connect() {
    let gateway = Gateway::start();
    let browser = Browser::start(Options::default()).await;
    browser.open(&gateway.url()).await;
    browser.find("#token").await;
    is_for_everybody(&browser, "1-start").await;
    browser.fill("#token", "not-the-token").await;
    browser.click("#connect-button").await;
    browser.find("#connect .problem").await;
    is_for_everybody(&browser, "2-wrong-token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_make_a_pair() {
    let gateway = Gateway::start();
    let browser = Browser::start(Options {
        before_page: Some(STUCK_WORKERS),
    })
    .await;
    browser.open(&gateway.printed_url()).await;
    browser.find("#account-list").await;
    is_for_everybody(&browser, "3-connected").await;
    page::choose_first_account(&browser).await;
    is_for_everybody(&browser, "4-account-chosen").await;
    browser.run("window.stuck = true").await;
    browser.click("#generate").await;
    browser.find("#generate-progress").await;
    is_for_everybody(&browser, "5-making").await;
    browser.run("window.stuck = false").await;
    browser.click("#cancel-generate").await;
    page::generate(&browser).await;
    is_for_everybody(&browser, "6-made").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_upload_and_configure() {
    let mut gateway = Gateway::start();
    let browser = page::ready_to_upload(&gateway).await;
    browser.click("#preview summary").await;
    browser.find("#preview-body").await;
    is_for_everybody(&browser, "7-preview").await;
    gateway.kill();
    browser.click("#upload").await;
    browser.find("#upload-step .problem").await;
    is_for_everybody(&browser, "8-failed-upload").await;
    gateway.start_again();
    page::upload(&browser).await;
    is_for_everybody(&browser, "9-uploaded").await;
    page::verify(&browser).await;
    browser.click("#download-credentials").await;
    browser.find("#keys-table tr.new").await;
    is_for_everybody(&browser, "10-verified").await;
    browser
        .click("#configure-step button[aria-label='Copy: CLI, list the profiles']")
        .await;
    browser.wait_for_text("#configure-step", "Copied.").await;
    is_for_everybody(&browser, "11-configured").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shuts_somebody_out_is_found() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    browser.find("#account-list").await;
    assert_eq!(judged_by_axe(&browser).await.0, "");
    for (plant, rule) in [
        (
            "document.querySelector('#generate').textContent = ''",
            "button-name (critical) #generate",
        ),
        (
            "document.querySelector('h1').style.color = 'rgb(128 128 128 / 50%)'",
            "color-contrast (serious) h1",
        ),
    ] {
        browser.run(plant).await;
        let found = judged_by_axe(&browser).await.0;
        assert!(found.contains(rule), "{rule}: {found}");
    }
    assert_eq!(keyboard_fault(&browser).await, None);
    for (plant, remove, fault) in [
        (
            "document.querySelector('#generate').style.outline = 'none'",
            "document.querySelector('#generate').style.outline = ''",
            "no outline",
        ),
        (
            "document.querySelector('#generate').tabIndex = 1",
            "document.querySelector('#generate').removeAttribute('tabindex')",
            "not reached",
        ),
        (
            "document.querySelector('#disconnect').onkeydown = (event) => event.preventDefault()",
            "document.querySelector('#disconnect').onkeydown = null",
            "the focus is held",
        ),
    ] {
        browser.run(plant).await;
        let found = keyboard_fault(&browser).await.expect(fault);
        assert!(found.starts_with(fault), "{found}");
        browser.run(remove).await;
        assert_eq!(keyboard_fault(&browser).await, None, "{fault}");
    }
    assert_eq!(too_wide(&browser).await, "");
    browser
        .run("document.querySelector('h1').style.width = '2000px'")
        .await;
    let wide = too_wide(&browser).await;
    assert!(wide.contains("h1"), "{wide}");
}
