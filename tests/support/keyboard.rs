//! Use of the page with a keyboard and a screen reader: key presses, the focus, and what is
//! announced.

use fantoccini::{
    actions::{InputSource, KeyAction, KeyActions},
    key::Key,
};
use serde_json::Value;

use crate::{browser::Browser, waiting::Waiting};

/// Presses a key.
pub async fn press(browser: &Browser, key: Key) {
    press_char(browser, char::from(key), 1).await;
}

/// Presses the space bar.
pub async fn press_space(browser: &Browser) {
    press_char(browser, ' ', 1).await;
}

async fn press_char(browser: &Browser, value: char, times: usize) {
    let mut keys = KeyActions::new("keyboard".to_owned());
    for _ in 0..times {
        keys = keys
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
    }
    browser.client.perform_actions(keys).await.unwrap();
}

/// JavaScript: the elements that the keyboard should reach, in document order; while a dialog is open,
/// only those in it.
pub(crate) const REACHABLE: &str = "
    const scope = document.querySelector('dialog:modal') ?? document;
    const reachable = () => [...scope.querySelectorAll('a[href], button, input, select, \
        textarea, summary, [tabindex]')].filter((element) => !element.matches(':disabled')
            && element.tabIndex >= 0 && element.checkVisibility({ visibilityProperty: true }));
    const name = (e) => `${e.localName}#${e.id} ${e.textContent.trim().slice(0, 30)}`;";

/// JavaScript after [`REACHABLE`]: the minimum number of tab stops before `target`. A group of radio
/// buttons may be one stop, so these don't count.
const STOPS_BEFORE: &str = "
    const stops = reachable().filter((element) => element.type !== 'radio');
    const from = document.activeElement;
    const is_after = (one, other) =>
        Boolean(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
    const to = stops.find((element) => element.matches(target));
    if (from === document.body || !to || !is_after(from, to)) return 0;
    return stops.filter((stop) => is_after(from, stop) && is_after(stop, to)).length;";

/// Presses Tab until the element has the focus.
///
/// # Panics
/// If it never gets it.
pub async fn tab_to(browser: &Browser, css: &str) {
    // Enough presses to go through a whole screen once.
    const MOST: usize = 150;
    browser.find(css).await;
    let script = format!("const target = {}; {REACHABLE} {STOPS_BEFORE}", quoted(css));
    // Skips the stops before it in one command: each check of the page is slow on a slow machine.
    let passed = browser.run(&script).await.as_u64().unwrap_or(0) as usize;
    if passed > 0 {
        press_char(browser, char::from(Key::Tab), passed).await;
    }
    for _ in 0..MOST {
        press(browser, Key::Tab).await;
        if has_focus(browser, css).await {
            return;
        }
    }
    panic!("Tab does not come to {css}");
}

/// Whether the element, or something in it, has the focus.
pub async fn has_focus(browser: &Browser, css: &str) -> bool {
    let script = format!("return !!document.activeElement.closest({})", quoted(css));
    browser.run(&script).await == true
}

/// Waits until the element, or something in it, has the focus.
///
/// # Panics
/// If it doesn't get it in time.
pub async fn assert_focus_comes_to(browser: &Browser, css: &str) {
    let mut waiting = Waiting::begin();
    while !has_focus(browser, css).await {
        if waiting.is_over() {
            let now = "const at = document.activeElement;
                return `${at.localName}#${at.id} ${at.textContent.trim().slice(0, 60)}`;";
            let now = browser.run(now).await;
            panic!("the focus is not in {css}, but at {now}");
        }
        waiting.again(|| format!("the focus is not in {css}")).await;
    }
}

/// JavaScript: records in `window.spoken` what a screen reader announces: text changes in live
/// regions, and new alerts and statuses.
const LISTEN: &str = "
    const REGIONS = '[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]';
    window.spoken = [];
    new MutationObserver((changes) => {
        for (const { target, addedNodes, type } of changes) {
            for (const node of type === 'characterData' ? [target] : addedNodes) {
                const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
                const regions = [element?.closest(REGIONS), ...(element === node
                    ? element.querySelectorAll(REGIONS) : [])];
                for (const region of regions) if (region) window.spoken.push(region.textContent);
            }
        }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });";

/// Starts recording what is announced, until the page is left.
pub async fn listen(browser: &Browser) {
    browser.run(LISTEN).await;
}

/// Everything announced since [`listen`].
pub async fn spoken(browser: &Browser) -> Vec<String> {
    let spoken = browser.run("return window.spoken").await;
    serde_json::from_value(spoken).unwrap()
}

/// Waits until `part` was announced.
///
/// # Panics
/// If it isn't in time.
pub async fn assert_spoken(browser: &Browser, part: &str) {
    let mut waiting = Waiting::begin();
    loop {
        let all = spoken(browser).await;
        if all.iter().any(|text| text.contains(part)) {
            return;
        }
        let fault = || format!("{part:?} is not among {all:#?}");
        waiting.again(fault).await;
    }
}

/// The text as a JavaScript literal.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
