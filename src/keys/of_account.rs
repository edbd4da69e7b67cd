//! The service account's authorized keys in a table; the new one is marked.

use std::rc::Rc;

use keyside_iam::{Timestamp, iam::AuthPublicKey};
use yew::prelude::*;

use super::tell;
use crate::{
    state::App,
    ui::{ProblemView, use_answer},
};

/// See [`KeysSection`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
}

/// See the module.
#[component]
pub fn KeysSection(props: &Props) -> Html {
    let app = &props.app;
    let attempt = use_state(|| 0_u32);
    let session = app.session().map(Rc::clone);
    let account_id = app.account.as_ref().map(|account| account.id.clone());
    // Read anew after an upload, too.
    let about = (session, account_id, app.uploaded.clone(), *attempt);
    let keys = use_answer(about, |(session, account_id, _, _)| {
        let (session, account_id) = (session.clone()?, account_id.clone()?);
        Some(async move { session.api.keys_of(&account_id).await })
    });
    let (Some(_), Some(account)) = (app.session(), &app.account) else {
        return html! {};
    };
    let refresh = Callback::from(move |_: MouseEvent| attempt.set(*attempt + 1));
    let new_id = app
        .uploaded
        .as_ref()
        .map(|uploaded| uploaded.key_id.as_str());
    html! {
        <section id="keys" class="step" aria-labelledby="keys-heading">
            <h2 id="keys-heading">{ format!("Authorized keys of {}", account.label()) }</h2>
            { match &*keys {
                None => html! { <p role="status">{ "Loading keys…" }</p> },
                Some(Err(problem)) => html! {
                    <ProblemView problem={problem.clone()}>
                        <button type="button" onclick={refresh.clone()}>{ "Try again" }</button>
                    </ProblemView>
                },
                Some(Ok(keys)) if keys.is_empty() => html! {
                    <p id="no-keys">{ "None yet." }</p>
                },
                Some(Ok(keys)) => table(keys, new_id),
            } }
            <button type="button" class="quiet" id="refresh-keys" onclick={refresh}>
                { "Refresh" }
            </button>
        </section>
    }
}

fn table(keys: &[AuthPublicKey], new_id: Option<&str>) -> Html {
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label="Table of authorized keys">
            <table id="keys-table">
                <thead><tr>
                    { for ["Id", "State", "Fingerprint", "Algorithm", "Created", "Expires"]
                        .map(|title| html! { <th scope="col">{ title }</th> }) }
                </tr></thead>
                <tbody>{ for keys.iter().map(|key| row(key, new_id)) }</tbody>
            </table>
        </div>
    }
}

fn row(key: &AuthPublicKey, new_id: Option<&str>) -> Html {
    let id = key.metadata.id.clone();
    let is_new = new_id == Some(id.as_str());
    let (status, spec) = (&key.status, &key.spec);
    html! {
        <tr key={id.clone()} class={classes!(is_new.then_some("new"))}>
            <th scope="row">
                <code>{ id }</code>
                if is_new { { " " }<strong class="badge">{ "new" }</strong> }
                <span class="line">{ &spec.description }</span>
            </th>
            <td>{ tell::state_name(status.state.as_known()) }</td>
            <td class="fingerprint"><code>{ &status.fingerprint }</code></td>
            <td>{ format!("{} {}", status.algorithm, status.key_size) }</td>
            <td>{ moment(key.metadata.created_at.as_option(), "") }</td>
            <td>{ moment(spec.expires_at.as_option(), "never") }</td>
        </tr>
    }
}

fn moment(at: Option<&Timestamp>, absent: &'static str) -> Html {
    match at {
        None => html! { { absent } },
        Some(at) => tell::moment(at),
    }
}
