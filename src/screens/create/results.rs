//! A batch's progress, with tables of the failed and the created keys.

use yew::prelude::*;

use crate::{
    components::CopyButton,
    model::{
        ChosenAccount,
        batch::{Batch, Entry, Progress},
        issue::Stage,
    },
    text::several as text,
};

/// The progress, the failures and the new keys. `on_stop` stops after the current key, `on_resume` continues
/// with the keys that aren't done.
pub fn results(
    batch: &Batch,
    on_stop: Callback<MouseEvent>,
    on_resume: Callback<MouseEvent>,
) -> Html {
    let total = batch.entries.len();
    let (done, failed) = batch.counts();
    let now = batch.entries.iter().find_map(|entry| match entry.progress {
        Progress::Working(stage) => Some((entry, stage)),
        _ => None,
    });
    html! {
        <>
            <label for="many-progress">{ text::PROGRESS }</label>
            <progress id="many-progress" max={total.to_string()} value={done.to_string()} />
            <p id="many-status" role="status">
                { text::status(done, failed, total) }
            </p>
            if let (Some((entry, stage)), true) = (now, batch.running) {
                <p id="many-now" class="hint">
                    <bdi>{ entry.order.account.label().to_owned() }</bdi>{ ": " }{ stage_name(stage) }
                </p>
            }
            if batch.running {
                <button type="button" id="stop-many" class="quiet" disabled={batch.stopping}
                    onclick={on_stop}>
                    { if batch.stopping { text::STOPPING } else { text::STOP } }
                </button>
            } else if done < total {
                <button type="button" id="go-on-many" onclick={on_resume}>
                    { text::resume(total - done, failed > 0) }
                </button>
            }
            if failed > 0 { { failures(batch) } }
            if done > 0 {
                <details id="many-made" open={!batch.running}>
                    <summary>{ text::created(done) }</summary>
                    { created_keys(batch) }
                </details>
            }
        </>
    }
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Generating(_) => text::GENERATING,
        Stage::Uploading => text::UPLOADING,
        Stage::Verifying => text::VERIFYING,
    }
}

fn account_cell(account: &ChosenAccount) -> Html {
    html! {
        <th scope="row" role="rowheader">
            <bdi>{ account.label().to_owned() }</bdi><code class="line">{ &account.id }</code>
        </th>
    }
}

fn failures(batch: &Batch) -> Html {
    let row = |entry: &Entry| {
        let Progress::Failed(why) = &entry.progress else {
            return html! {};
        };
        let reached = match (&entry.issued.half, &entry.issued.uploaded) {
            (_, Some(uploaded)) => text::uploaded(&uploaded.key_id),
            (Some(_), None) => text::GENERATED.to_owned(),
            (None, None) => text::NOTHING.to_owned(),
        };
        html! {
            <tr key={entry.order.account.id.clone()} role="row">
                { account_cell(&entry.order.account) }
                <td role="cell" data-label={text::WHY}>{ why }</td>
                <td role="cell" data-label={text::REACHED}>{ reached }</td>
            </tr>
        }
    };
    table(
        "many-failed",
        text::FAILED,
        &[crate::text::SERVICE_ACCOUNT, text::WHY, text::REACHED],
        html! { { for batch.entries.iter().map(row) } },
    )
}

fn created_keys(batch: &Batch) -> Html {
    let row = |entry: &Entry| match (&entry.progress, &entry.issued.uploaded) {
        (Progress::Done, Some(uploaded)) => html! {
            <tr key={entry.order.account.id.clone()} role="row">
                { account_cell(&entry.order.account) }
                <td role="cell" data-label={crate::text::KEY_ID}>
                    <CopyButton name={crate::text::KEY_ID} text={uploaded.key_id.clone()} />
                </td>
            </tr>
        },
        _ => html! {},
    };
    table(
        "many-made-table",
        text::CREATED,
        &[crate::text::SERVICE_ACCOUNT, crate::text::KEY_ID],
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
