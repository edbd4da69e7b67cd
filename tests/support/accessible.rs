//! Accessibility checks: axe-core's rules, zoom and narrow screens, the keyboard. For Chromium, whose
//! look can be changed.

use std::{fmt::Write, fs};

use fantoccini::key::Key;
use serde_json::Value;

use crate::{
    browser::{Browser, Look},
    keyboard::{REACHABLE, press},
    setting,
};

/// The rules that axe-core checks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// All rules except WCAG level AAA and retired ones: WCAG 2.2 A and AA, best practices, and
    /// experimental ones.
    All,
    /// Only the rules about colours. The other rules give the same result for the same page in other
    /// colours.
    Colours,
}

/// JavaScript; needs `coloursAlone`.
const RUN_AXE: &str = "
    const left_out = ['wcag2aaa', 'deprecated', 'wcag2a-obsolete'];
    const rules = Object.fromEntries(axe.getRules().map(({ ruleId, tags }) =>
        [ruleId, { enabled: !tags.some((tag) => left_out.includes(tag))
            && (!coloursAlone || tags.includes('cat.color')) }]));
    const found = await axe.run(document, { rules, resultTypes: ['violations', 'incomplete'] });
    const lines = (results) => results.flatMap(({ id, impact, help, nodes }) =>
        nodes.map((node) => ({ id, impact, help, target: node.target.join(' '),
            why: [...node.any, ...node.all, ...node.none].map((check) => check.message) })));
    done({ wrong: lines(found.violations), passed: found.passes.length,
        unsure: lines(found.incomplete.filter(({ id }) => id === 'color-contrast')) });";

/// Checks the current page with axe-core; prints the contrasts that it couldn't check.
///
/// # Panics
/// If a rule is violated.
pub async fn assert_accessible(browser: &Browser, state: &str, rules: Rules) {
    let (wrong, unsure) = axe_faults(browser, rules).await;
    if !unsure.is_empty() {
        eprintln!("{state}: axe-core could not check\n{unsure}");
    }
    assert!(wrong.is_empty(), "{state}: axe-core finds\n{wrong}");
}

/// The violations that axe-core finds, and the contrasts that it can't check, one per line.
pub async fn axe_faults(browser: &Browser, rules: Rules) -> (String, String) {
    if browser.run("return typeof axe").await == "undefined" {
        let source = setting("KEYSIDE_NODE_PACKAGES").join("axe-core/axe.min.js");
        browser.run(&fs::read_to_string(source).unwrap()).await;
    }
    let colours = rules == Rules::Colours;
    let script = format!("const coloursAlone = {colours}; {RUN_AXE}");
    let found = browser.run_until_done(&script).await;
    let passed = found["passed"].as_u64();
    let least = if colours { 1 } else { 11 };
    assert!(
        passed.is_some_and(|n| n >= least),
        "it did not run: {found}"
    );
    (list(&found["wrong"]), list(&found["unsure"]))
}

fn list(results: &Value) -> String {
    let mut text = String::new();
    for result in results.as_array().unwrap() {
        let part = |name: &str| result[name].as_str().unwrap_or("?");
        let (rule, impact, help) = (part("id"), part("impact"), part("help"));
        let why = result["why"].as_array().unwrap();
        let why: Vec<_> = why.iter().filter_map(Value::as_str).collect();
        let (target, why) = (part("target"), why.join("; "));
        writeln!(text, "{rule} ({impact}) {target}: {help}: {why}").unwrap();
    }
    text
}

/// JavaScript: how much too wide the page is, and which elements cause it, except regions that scroll
/// by themselves.
const TOO_WIDE: &str = "
    const question = document.querySelector('dialog[open]');
    if (question && question.scrollWidth > question.clientWidth) return 'the dialogue';
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return '';
    const scrolls = (element) => element !== root && element !== document.body
        && ['auto', 'scroll', 'hidden'].includes(getComputedStyle(element).overflowX);
    const wide = [...document.querySelectorAll('body *')].filter((element) =>
        element.getBoundingClientRect().right > root.clientWidth + 1
        && !scrolls(element.parentElement));
    return `${root.scrollWidth} pixels of ${root.clientWidth}: `
        + wide.map((e) => `${e.localName}#${e.id}.${e.className}`).join(', ');";

/// JavaScript: how far an open dialog is from the middle of the window, in CSS pixels.
const OFF_CENTER: &str = "
    const box = document.querySelector('dialog[open]')?.getBoundingClientRect();
    if (!box) return 0;
    const difference = (before, after) => Math.abs(before - after) / 2;
    return Math.max(difference(box.left, document.documentElement.clientWidth - box.right),
        difference(box.top, innerHeight - box.bottom));";

/// Checks that the page needs no horizontal scrolling in a window of 320 CSS pixels (WCAG 1.4.10), at
/// 200% zoom, and with text of twice the size (WCAG 1.4.4), and that an open dialog is in the middle.
///
/// # Panics
/// If it does.
pub async fn assert_fits(browser: &Browser, state: &str) {
    let usual = Look::default();
    let narrow = Look {
        width: 320,
        ..usual
    };
    let zoomed = Look {
        width: usual.width / 2,
        zoom: 2,
        ..usual
    };
    for (name, look, letters) in [
        ("narrow", narrow, "100%"),
        ("zoomed", zoomed, "100%"),
        ("large-letters", usual, "200%"),
    ] {
        browser.look(look).await;
        let size = |size: &str| format!("document.documentElement.style.fontSize = '{size}'");
        browser.run(&size(letters)).await;
        assert_eq!(too_wide(browser).await, "", "{state}, {name}");
        let off_center = browser.run(OFF_CENTER).await.as_f64();
        assert!(
            off_center.is_some_and(|pixels| pixels <= 1.0),
            "{state}, {name}: the dialog is {off_center:?} pixels off the middle"
        );
        browser
            .picture_in_current_look(&format!("{state}-{name}"))
            .await;
        browser.run(&size("")).await;
    }
    browser.usual_look().await;
}

/// The elements that make the current page too wide; empty if it fits.
pub async fn too_wide(browser: &Browser) -> String {
    browser.run(TOO_WIDE).await.as_str().unwrap().to_owned()
}

/// JavaScript: the focused element.
const FOCUSED: &str = "
    const at = document.activeElement;
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    return { at: reachable().indexOf(at), name: name(at),
        outline: at.matches(':focus-visible') && style.outlineStyle !== 'none'
            ? parseFloat(style.outlineWidth) : 0,
        in_sight: box.bottom > 0 && box.top < innerHeight && box.width > 0 };";

/// Checks the page with [`keyboard_fault`].
///
/// # Panics
/// If there's a fault.
pub async fn assert_keyboard_reaches_all(browser: &Browser, state: &str) {
    let fault = keyboard_fault(browser).await;
    assert_eq!(fault, None, "{state}");
}

/// Presses Tab through the whole page. Returns a fault unless every control is reached, in document
/// order, with an outline, in view, and nothing traps the focus.
pub async fn keyboard_fault(browser: &Browser) -> Option<String> {
    // Each part of a date is a tab stop.
    const MOST_IN_ONE: usize = 12;
    const THINNEST_OUTLINE_PX: f64 = 2.0;
    let start = "const heading = scope.querySelector?.(':scope[open] > h2');
        if (heading) heading.focus();
        else {
            document.body.tabIndex = -1; document.body.focus();
            document.body.removeAttribute('tabindex');
        }
        return reachable().map(name);";
    let expected = browser.run(&format!("{REACHABLE} {start}")).await;
    let expected = expected.as_array().unwrap();
    let (mut reached, mut in_one) = (0, 0);
    loop {
        press(browser, Key::Tab).await;
        let focus = browser.run(&format!("{REACHABLE} {FOCUSED}")).await;
        let at = focus["at"].as_u64().and_then(|at| usize::try_from(at).ok());
        if reached > 0 && at == Some(reached - 1) {
            in_one += 1;
            if in_one == MOST_IN_ONE {
                return Some(format!("the focus is held: {focus}"));
            }
            continue;
        }
        in_one = 0;
        // After the last one, the focus wraps around or leaves the page.
        if reached == expected.len() && matches!(at, None | Some(0)) {
            return None;
        }
        if at != Some(reached) {
            let next = expected.get(reached);
            return Some(format!("not reached: {next:?}, but {focus}"));
        }
        if focus["outline"].as_f64().unwrap() < THINNEST_OUTLINE_PX {
            return Some(format!("no outline: {focus}"));
        }
        if focus["in_sight"] != true {
            return Some(format!("out of sight: {focus}"));
        }
        reached += 1;
    }
}
