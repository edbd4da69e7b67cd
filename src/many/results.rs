//! How far a batch is: one progress for all, a table of what failed and why, and what was made.

use yew::prelude::*;

use super::batch::{Batch, Entry, Progress};
use crate::issue::Stage;

/// See the module. `on_stop` ends the work after the key at hand, `on_go_on` does what is not done.
pub fn results(
    batch: &Batch,
    on_stop: Callback<MouseEvent>,
    on_go_on: Callback<MouseEvent>,
) -> Html {
    let total = batch.entries.len();
    let (done, failed) = batch.counts();
    let now = batch.entries.iter().find_map(|entry| match entry.progress {
        Progress::Working(stage) => Some((entry, stage)),
        _ => None,
    });
    html! {
        <>
            <label for="many-progress">{ "Keys that are there" }</label>
            <progress id="many-progress" max={total.to_string()} value={done.to_string()} />
            <p id="many-status" role="status">
                { format!("{done} of {total} made") }
                if failed > 0 { { format!(", {failed} failed") } }
                { "." }
            </p>
            if let (Some((entry, stage)), true) = (now, batch.running) {
                <p id="many-now" class="hint">
                    { entry.account.label().to_owned() }{ ": " }{ stage_name(stage) }
                </p>
            }
            if batch.running {
                <button type="button" id="stop-many" class="quiet" disabled={batch.stopping}
                    onclick={on_stop}>
                    { if batch.stopping { "Stopping after this key…" } else { "Stop after this key" } }
                </button>
            } else if done < total {
                <button type="button" id="go-on-many" onclick={on_go_on}>
                    { if failed > 0 {
                        format!("Try the other {} again", total - done)
                    } else {
                        format!("Go on with the other {}", total - done)
                    } }
                </button>
            }
            if failed > 0 { { failures(batch) } }
            if done > 0 {
                <details id="many-made">
                    <summary>{ format!("What was made ({done})") }</summary>
                    { made(batch) }
                </details>
            }
        </>
    }
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Generating(_) => "making the pair…",
        Stage::Uploading => "uploading the public key…",
        Stage::Proving => "proving that it works…",
    }
}

fn failures(batch: &Batch) -> Html {
    let row = |entry: &Entry| {
        let Progress::Failed(why) = &entry.progress else {
            return html! {};
        };
        let reached = match (&entry.issued.half, &entry.issued.uploaded) {
            (_, Some(uploaded)) => format!(
                "Uploaded as {}, but not proven: not in the ZIP.",
                uploaded.key_id
            ),
            (Some(_), None) => "The pair is made and still here; not uploaded.".to_owned(),
            (None, None) => "Nothing.".to_owned(),
        };
        html! {
            <tr key={entry.account.id.clone()} role="row">
                <th scope="row" role="rowheader">
                    { entry.account.label().to_owned() }
                    <code class="line">{ &entry.account.id }</code>
                </th>
                <td role="cell" data-label="Why">{ why }</td>
                <td role="cell" data-label="What there is">{ reached }</td>
            </tr>
        }
    };
    table(
        "many-failed",
        "Keys that failed",
        &["Service account", "Why", "What there is"],
        html! { { for batch.entries.iter().map(row) } },
    )
}

fn made(batch: &Batch) -> Html {
    let row = |entry: &Entry| match (&entry.progress, &entry.issued.uploaded) {
        (Progress::Done, Some(uploaded)) => html! {
            <tr key={entry.account.id.clone()} role="row">
                <th scope="row" role="rowheader">
                    { entry.account.label().to_owned() }
                    <code class="line">{ &entry.account.id }</code>
                </th>
                <td role="cell" data-label="Authorized key">
                    <code>{ &uploaded.key_id }</code>
                </td>
            </tr>
        },
        _ => html! {},
    };
    table(
        "many-made-table",
        "Keys that were made",
        &["Service account", "Authorized key"],
        html! { { for batch.entries.iter().map(row) } },
    )
}

fn table(id: &'static str, name: &'static str, titles: &[&'static str], rows: Html) -> Html {
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label={name}>
            <table {id} class="cards" role="table" aria-label={name}>
                <thead role="rowgroup"><tr role="row">
                    { for titles.iter().map(|title| html! {
                        <th scope="col" role="columnheader">{ *title }</th>
                    }) }
                </tr></thead>
                <tbody role="rowgroup">{ rows }</tbody>
            </table>
        </div>
    }
}
