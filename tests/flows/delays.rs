//! An API that answers late. These flows mostly wait. Their name sorts early, so that other flows run
//! at the same time.

use std::time::{Duration, Instant};

use keyside_e2e::{gateway::Gateway, page, upstream::Upstream};
use serde_json::json;

use crate::upstream::{CREATE, next_pair, ready_to_upload, refused};

#[tokio::test(flavor = "multi_thread")]
async fn broken_connections_are_replaced_and_nothing_is_done_twice() {
    let upstream = Upstream::start();
    let gateway = Gateway::before(upstream.port);
    let browser = ready_to_upload(&gateway).await;

    // A reset halfway through the answer.
    upstream.command(&json!({ "do": "cut", "after": 10 }));
    page::upload(&browser).await;
    assert_eq!(upstream.keys().len(), 1);

    // A half-open connection: nothing that is sent arrives, and nothing comes back.
    next_pair(&browser).await;
    upstream.command(&json!({ "do": "freeze" }));
    page::upload(&browser).await;
    assert_eq!(upstream.keys().len(), 2);

    // A stall: the API has the request, and doesn't answer for longer than any timeout.
    next_pair(&browser).await;
    upstream.command(&json!({ "do": "delay", "method": CREATE, "seconds": 60, "times": 1 }));
    let began = Instant::now();
    let problem = refused(&browser).await;
    assert!(problem.contains("DEADLINE_EXCEEDED"), "{problem}");
    assert!(began.elapsed() < Duration::from_secs(40));
    page::upload(&browser).await;
    assert_eq!(upstream.keys().len(), 3);

    // The API goes away and comes back.
    next_pair(&browser).await;
    drop(upstream);
    let problem = refused(&browser).await;
    assert!(problem.contains("UNAVAILABLE"), "{problem}");
    assert!(
        problem.contains("has no connection to 127.0.0.1"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_are_waited_for_and_their_failures_reported() {
    let upstream = Upstream::start();
    let gateway = Gateway::before(upstream.port);
    let browser = ready_to_upload(&gateway).await;
    upstream.command(&json!({ "do": "operations", "take": 20, "end": "success" }));
    let began = Instant::now();
    page::upload(&browser).await;
    assert!(began.elapsed() >= Duration::from_secs(19));

    next_pair(&browser).await;
    upstream.command(&json!({ "do": "operations", "take": 0.5, "end": "failure" }));
    let problem = refused(&browser).await;
    assert!(problem.contains("the key was not wanted"), "{problem}");
    upstream.command(&json!({ "do": "operations", "take": 0.2, "end": "success" }));
    page::upload(&browser).await;
    assert_eq!(upstream.keys().len(), 2);

    // An operation that never ends: the page reports it, and can continue with the same one.
    next_pair(&browser).await;
    upstream.command(&json!({ "do": "operations", "take": 1, "end": "never" }));
    let problem = refused(&browser).await;
    assert!(problem.contains("hasn't finished the request"), "{problem}");
    let creates = upstream.calls(CREATE).len();
    browser.click("#upload").await;
    browser.wait_for_text("#create-status", "Uploading").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(upstream.calls(CREATE).len(), creates);
    assert_eq!(upstream.keys().len(), 3);
}
