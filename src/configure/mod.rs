//! Step 7: ready configuration for the CLI, the Python SDK and Terraform.

mod snippets;

use yew::prelude::*;

use self::snippets::Names;
use crate::{
    state::App,
    ui::{Copyable, Step, keep},
};

/// See [`ConfigureStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
}

/// See the module.
#[component]
pub fn ConfigureStep(props: &Props) -> Html {
    let app = &props.app;
    let typed = use_state(String::new);
    let Some(uploaded) = &app.uploaded else {
        return html! {
            <Step id="configure-step" number={7} title="Configure"
                waits_for={AttrValue::from("Waits for the upload of step 4.")}>{ "" }</Step>
        };
    };
    let label = app.account.as_ref().map_or("", |account| account.label());
    let suggested = snippets::profile_name(label);
    let profile = if typed.trim().is_empty() {
        suggested.clone()
    } else {
        snippets::profile_name(&typed)
    };
    let names = Names {
        service_account_id: &uploaded.service_account_id,
        key_id: &uploaded.key_id,
        profile: &profile,
    };
    html! {
        <Step id="configure-step" number={7} title="Configure">
            <p>
                { "First move the credentials file out of the downloads, to where only its user \
                   can read it:" }
            </p>
            <Copyable name="move the credentials file" text={names.move_credentials()} />
            <h3>{ "Nebius CLI" }</h3>
            <label for="profile">{ "Profile name" }</label>
            <input id="profile" placeholder={suggested} autocomplete="off" spellcheck="false"
                value={(*typed).clone()} oninput={keep::<InputEvent>(&typed)} />
            <Copyable name="CLI, create the profile" text={names.cli_create()} />
            <Copyable name="CLI, list the profiles" text={snippets::CLI_LIST} />
            <h3>{ "Python SDK" }</h3>
            <Copyable name="Python SDK" text={names.python()} />
            <h3>{ "Terraform" }</h3>
            <p>{ "It reads private.pem:" }</p>
            <Copyable name="move private.pem" text={names.move_private_key()} />
            <Copyable name="Terraform" text={names.terraform()} />
        </Step>
    }
}
