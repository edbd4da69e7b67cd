//! Ready configuration for the tools that use the credentials.

mod names;
mod snippets;
mod step;
mod tools;

pub use step::ConfigureStep;
use yew::prelude::*;

use self::{
    names::profile_name,
    snippets::{Names, Snippet},
    tools::{MOVE_CREDENTIALS, TOOLS},
};
use crate::{
    link::{About, News},
    screen::ScreenProps,
    ui::{Copyable, keep},
};

/// See [`Configuration`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whose key, and which.
    pub about: About,
}

/// See the module. Only the chosen tool's snippets are shown.
#[component]
pub fn Configuration(props: &Props) -> Html {
    let typed = use_state(String::new);
    let chosen = use_state(String::new);
    let account = &props.about.account;
    let suggested = profile_name(account.label());
    let profile = if typed.trim().is_empty() {
        suggested.clone()
    } else {
        profile_name(&typed)
    };
    let names = Names {
        service_account_id: &account.id,
        key_id: props.about.key_id.as_deref().unwrap_or_default(),
        profile: &profile,
        project_id: account
            .project_id
            .as_deref()
            .filter(|id| keyside_keygen::check_id(id).is_ok()),
    };
    let tool = TOOLS
        .iter()
        .find(|tool| *tool.id == **chosen)
        .unwrap_or(&TOOLS[0]);
    html! {
        <>
            <p>
                { "First move the credentials file from where it was saved (here: the \
                   downloads) to where only its user can read it:" }
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
        </>
    }
}

/// The same as a part of the main job's screen, which is loaded once there is a key.
#[component]
pub fn ConfigurationPart(props: &ScreenProps) -> Html {
    let about = use_state(|| None::<About>);
    {
        let about = about.clone();
        props.link.listen(Callback::from(move |news| {
            if let News::Shown(Some(now)) = news {
                about.set(Some(now));
            }
        }));
    }
    match &*about {
        Some(about) => html! { <Configuration about={about.clone()} /> },
        None => html! {},
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
