//! A field for the ID of a service account that isn't in the list.

use yew::prelude::*;

use crate::{
    components::keep,
    model::ChosenAccount,
    text::{SERVICE_ACCOUNT_ID, accounts as text},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether the field may be empty.
    #[prop_or_default]
    pub is_optional: bool,
    /// Called with the account.
    pub on_chosen: Callback<ChosenAccount>,
}

/// The field and its button.
#[component]
pub fn TypedAccount(props: &Props) -> Html {
    let typed = use_state(String::new);
    let id = typed.trim().to_owned();
    let problem = (!id.is_empty())
        .then(|| keyside_keygen::check_id(&id).err())
        .flatten();
    let is_usable = !id.is_empty() && problem.is_none();
    let submit = {
        let (typed, on_chosen) = (typed.clone(), props.on_chosen.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if is_usable {
                on_chosen.emit(ChosenAccount::of_id(id.clone()));
                typed.set(String::new());
            }
        })
    };
    html! {
        <form onsubmit={submit}>
            <label for="account-id">
                { if props.is_optional { text::ID_OPTIONAL } else { SERVICE_ACCOUNT_ID } }
            </label>
            <div class="row">
                <input id="account-id" placeholder="serviceaccount-…" autocomplete="off"
                    spellcheck="false" value={(*typed).clone()} oninput={keep::<InputEvent>(&typed)} />
                <button id="use-account-id" type="submit" class="quiet" disabled={!is_usable}>
                    { text::USE_ID }
                </button>
            </div>
            if let Some(problem) = problem {
                <p class="hint" role="status">{ problem.to_string() }</p>
            }
        </form>
    }
}
