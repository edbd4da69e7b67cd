//! The field for the access token.

use yew::prelude::*;
use zeroize::Zeroize;

use super::keep;
use crate::{routes::Credential, text::session as text};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Called with the token or the code.
    pub on_credential: Callback<Credential>,
}

/// Accepts a token, or the whole address that the gateway printed.
#[component]
pub fn TokenForm(props: &Props) -> Html {
    let token = use_state(String::new);
    let submit = {
        let (token, on_credential) = (token.clone(), props.on_credential.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let mut typed = (*token).clone();
            let credential = Credential::parse(&typed);
            typed.zeroize();
            if let Some(credential) = credential {
                token.set(String::new());
                on_credential.emit(credential);
            }
        })
    };
    html! {
        <form onsubmit={submit}>
            <label for="token">{ text::TOKEN }</label>
            <div class="row">
                <input id="token" type="password" autocomplete="off" spellcheck="false"
                    value={(*token).clone()} oninput={keep::<InputEvent>(&token)}
                    aria-describedby="token-hint" />
                <button id="connect-button" type="submit" disabled={Credential::parse(&token).is_none()}>
                    { text::SIGN_IN }
                </button>
            </div>
            <p id="token-hint" class="hint">
                { text::TOKEN_COMMAND }{ " " }<code>{ text::COMMAND }</code>{ text::TOKEN_HINT }
            </p>
        </form>
    }
}
