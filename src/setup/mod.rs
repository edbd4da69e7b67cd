//! Ready-made configuration for tools that use the credentials.

mod names;
mod shells;
mod snippets;
mod tools;

use yew::prelude::*;

use self::{
    names::profile_name,
    shells::SHELLS,
    snippets::{Names, Snippet},
    tools::TOOLS,
};
use crate::{
    components::{Card, Copyable, keep},
    model::ChosenAccount,
    session::use_workspace,
    text::setup as text,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub account: ChosenAccount,
    pub key_id: String,
    /// The file name under which the credentials file was last saved.
    pub file: Option<String>,
}

/// How to move the file, and the chosen tool's snippets.
#[component]
pub fn Setup(props: &Props) -> Html {
    let workspace = use_workspace();
    let (typed, chosen) = (use_state(String::new), use_state(String::new));
    let (shell, place) = (use_state(String::new), use_state(String::new));
    let account = &props.account;
    let suggested = profile_name(account.label());
    let profile = if typed.trim().is_empty() {
        suggested.clone()
    } else {
        profile_name(&typed)
    };
    let file = props
        .file
        .clone()
        .unwrap_or_else(|| keyside_keygen::credentials_file_name(&account.id, &props.key_id));
    let is_id = |id: &&str| keyside_keygen::check_id(id).is_ok();
    let shell_now = SHELLS
        .iter()
        .find(|each| *each.id == **shell)
        .unwrap_or(&SHELLS[0]);
    let private_key = format!("{}-{}-private.pem", account.id, props.key_id);
    let move_private_key = shell_now.commands(&private_key, &place);
    let names = Names {
        service_account_id: &account.id,
        key_id: &props.key_id,
        profile: &profile,
        project_id: account.project_id.as_deref().filter(is_id),
        tenant_id: workspace.tenant_id.as_deref().filter(is_id),
        file: &file,
        move_private_key: &move_private_key,
    };
    let tool = TOOLS
        .iter()
        .find(|tool| *tool.id == **chosen)
        .unwrap_or(&TOOLS[0]);
    html! {
        <Card id="configure-step" title={text::TITLE}>
            <p>{ text::MOVE }</p>
            <div class="fields">
                <div>
                    <label for="shell">{ text::SHELL }</label>
                    <select id="shell" onchange={keep::<Event>(&shell)}>
                        { for SHELLS.iter().map(|each| html! {
                            <option value={each.id} selected={each.id == shell_now.id}>{ each.name }</option>
                        }) }
                    </select>
                </div>
                <div>
                    <label for="saved-in">{ text::SAVED_IN }</label>
                    <input id="saved-in" placeholder={text::DOWNLOADS} autocomplete="off"
                        spellcheck="false" value={(*place).clone()} oninput={keep::<InputEvent>(&place)} />
                </div>
            </div>
            <Copyable name={text::MOVE_NAME} text={shell_now.commands(&file, &place)} />
            <div class="fields">
                <div>
                    <label for="tool">{ text::TOOL }</label>
                    <select id="tool" onchange={keep::<Event>(&chosen)}>
                        { for TOOLS.iter().map(|each| html! {
                            <option value={each.id} selected={each.id == tool.id}>{ each.name }</option>
                        }) }
                    </select>
                </div>
                <div>
                    <label for="profile">{ text::PROFILE }</label>
                    <input id="profile" placeholder={suggested} autocomplete="off" spellcheck="false"
                        value={(*typed).clone()} oninput={keep::<InputEvent>(&typed)} />
                </div>
            </div>
            { for tool.snippets.iter().map(|snippet| view(snippet, &names)) }
            if !tool.others.is_empty() {
                <details key={tool.id} id="other-ways">
                    <summary>{ text::OTHER_WAYS }</summary>
                    { for tool.others.iter().map(|snippet| view(snippet, &names)) }
                </details>
            }
        </Card>
    }
}

fn view(snippet: &Snippet, names: &Names<'_>) -> Html {
    html! {
        // Keyed, so that "Copied." doesn't stay when the text changes.
        <key={snippet.name}>
            if !snippet.note.is_empty() {
                <p>{ snippet.note }</p>
            }
            <Copyable name={snippet.name} text={snippet.text(names)} />
        </>
    }
}
