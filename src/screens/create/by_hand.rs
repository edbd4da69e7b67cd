//! Instructions for uploading a public key without access to the API.

use yew::prelude::*;

use crate::{
    components::keep,
    model::{
        ChosenAccount, Uploaded,
        creation::{Creation, CreationAction, PairEvent},
    },
    text::{SERVICE_ACCOUNT_ID, by_hand as text},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub creation: UseReducerHandle<Creation>,
    /// The service account, if its ID was entered.
    pub account: Option<ChosenAccount>,
}

/// The steps in the web console, and fields for the IDs in the credentials file.
#[component]
pub fn ByHand(props: &Props) -> Html {
    let (key_id, account_id) = (use_state(String::new), use_state(String::new));
    let known = props.account.as_ref().map(|account| account.id.clone());
    let service_account_id = known
        .clone()
        .unwrap_or_else(|| account_id.trim().to_owned());
    let is_usable = [key_id.trim(), &service_account_id]
        .into_iter()
        .all(|id| keyside_keygen::check_id(id).is_ok());
    let submit = {
        let (creation, key_id) = (props.creation.clone(), key_id.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let (true, Some(half)) = (is_usable, creation.half()) {
                let uploaded = Uploaded::new(key_id.trim(), &service_account_id);
                let fingerprint = half.fingerprint.clone();
                creation.dispatch(CreationAction::Pair(
                    fingerprint,
                    PairEvent::Uploaded(uploaded),
                ));
            }
        })
    };
    html! {
        <div id="by-hand">
            <h3>{ text::TITLE }</h3>
            <ol>{ for text::STEPS.iter().map(|step| html! { <li>{ *step }</li> }) }</ol>
            <form onsubmit={submit}>
                <div class="fields">
                    if known.is_none() {
                        <div>
                            <label for="manual-account-id">{ SERVICE_ACCOUNT_ID }</label>
                            <input id="manual-account-id" placeholder="serviceaccount-…"
                                autocomplete="off" spellcheck="false" value={(*account_id).clone()}
                                oninput={keep::<InputEvent>(&account_id)} />
                        </div>
                    }
                    <div>
                        <label for="manual-key-id">{ text::KEY_ID }</label>
                        <input id="manual-key-id" placeholder="publickey-…" autocomplete="off"
                            spellcheck="false" value={(*key_id).clone()}
                            oninput={keep::<InputEvent>(&key_id)} />
                    </div>
                </div>
                <button id="use-key-id" type="submit" disabled={!is_usable}>{ text::USE }</button>
            </form>
        </div>
    }
}
