//! How to upload without an API in reach, and the field for the id that comes of it.

use yew::prelude::*;

use crate::{
    state::{Action, App, ChosenAccount, Uploaded},
    ui::keep,
};

/// See [`ByHand`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Whose key it will be.
    pub account: ChosenAccount,
}

/// See the module.
#[component]
pub fn ByHand(props: &Props) -> Html {
    let typed = use_state(String::new);
    let key_id = typed.trim().to_owned();
    let usable = keyside_keygen::check_id(&key_id).is_ok();
    let submit = {
        let (app, service_account_id) = (props.app.clone(), props.account.id.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if usable {
                app.dispatch(Action::Uploaded(Uploaded {
                    key_id: key_id.clone(),
                    service_account_id: service_account_id.clone(),
                    note: None,
                }));
            }
        })
    };
    html! {
        <>
            <p>{ "There is no connection to the API (step 1), so upload the public key by hand:" }</p>
            <ol>
                <li>{ "Download public.pem in step 5." }</li>
                <li>
                    { "In the Nebius web console open Administration, IAM, Service accounts, and \
                       there " }<code>{ &props.account.id }</code>{ "." }
                </li>
                <li>{ "Choose Upload authorized key, attach public.pem, and upload it." }</li>
                <li>{ "Copy the new key's id (publickey-…) from the list of authorized keys to here:" }</li>
            </ol>
            <form onsubmit={submit}>
                <label for="manual-key-id">{ "Id of the uploaded key" }</label>
                <div class="row">
                    <input id="manual-key-id" placeholder="publickey-…" autocomplete="off"
                        spellcheck="false" value={(*typed).clone()}
                        oninput={keep::<InputEvent>(&typed)} />
                    <button id="use-key-id" type="submit" disabled={!usable}>{ "Use it" }</button>
                </div>
            </form>
        </>
    }
}
