//! Step 7: ready configuration for the tools that use the credentials.

mod names;
mod snippets;
mod tools;

use yew::prelude::*;

use self::{
    names::profile_name,
    snippets::{Names, Snippet},
    tools::{MOVE_CREDENTIALS, TOOLS},
};
use crate::{
    state::App,
    ui::{Copyable, Step, keep},
};

/// See [`ConfigureStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Its place on the screen.
    #[prop_or(7)]
    pub number: u8,
    /// What comes first, as long as it has not.
    #[prop_or(AttrValue::Static("Waits for the upload of step 4."))]
    pub waits_for: AttrValue,
}

/// See the module. Only the chosen tool's snippets are shown.
#[component]
pub fn ConfigureStep(props: &Props) -> Html {
    let app = &props.app;
    let typed = use_state(String::new);
    let chosen = use_state(String::new);
    let Some(uploaded) = &app.uploaded else {
        return html! {
            <Step id="configure-step" number={props.number} title="Configure"
                waits_for={props.waits_for.clone()}>{ "" }</Step>
        };
    };
    // Another may have been chosen since: its name and project are not this key's.
    let account = app
        .account
        .as_ref()
        .filter(|account| account.id == uploaded.service_account_id);
    let suggested =
        profile_name(account.map_or(&uploaded.service_account_id, |account| account.label()));
    let profile = if typed.trim().is_empty() {
        suggested.clone()
    } else {
        profile_name(&typed)
    };
    let names = Names {
        service_account_id: &uploaded.service_account_id,
        key_id: &uploaded.key_id,
        profile: &profile,
        project_id: account
            .and_then(|account| account.project_id.as_deref())
            .filter(|id| keyside_keygen::check_id(id).is_ok()),
    };
    let tool = TOOLS
        .iter()
        .find(|tool| *tool.id == **chosen)
        .unwrap_or(&TOOLS[0]);
    html! {
        <Step id="configure-step" number={props.number} title="Configure">
            <p>
                { "First move the credentials file out of the downloads, to where only its user \
                   can read it:" }
            </p>
            { show(&MOVE_CREDENTIALS, &names) }
            <label for="profile">{ "Profile name" }</label>
            <input id="profile" placeholder={suggested} autocomplete="off" spellcheck="false"
                value={(*typed).clone()} oninput={keep::<InputEvent>(&typed)} />
            <label for="tool">{ "For" }</label>
            <select id="tool" onchange={keep::<Event>(&chosen)}>
                { for TOOLS.iter().map(|each| html! {
                    <option value={each.id} selected={each.id == tool.id}>{ each.name }</option>
                }) }
            </select>
            { for tool.snippets.iter().map(|snippet| show(snippet, &names)) }
        </Step>
    }
}

fn show(snippet: &Snippet, names: &Names<'_>) -> Html {
    html! {
        // By name: "Copied." is not to stand beside another text.
        <key={snippet.name}>
            if !snippet.note.is_empty() {
                <p>{ snippet.note }</p>
            }
            <Copyable name={snippet.name} text={snippet.text(names)} />
        </>
    }
}
