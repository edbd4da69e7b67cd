//! The field for the access token.

use yew::prelude::*;
use zeroize::Zeroize;

use super::keep;
use crate::text::session as text;

/// Properties of [`TokenForm`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Called with the token.
    pub on_token: Callback<String>,
}

/// Accepts a token, or the whole address that the server printed.
#[component]
pub fn TokenForm(props: &Props) -> Html {
    let token = use_state(String::new);
    let submit = {
        let (token, on_token) = (token.clone(), props.on_token.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let mut typed = (*token).clone();
            let cleaned = clean(&typed).to_owned();
            typed.zeroize();
            if !cleaned.is_empty() {
                token.set(String::new());
                on_token.emit(cleaned);
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
                <button id="connect-button" type="submit" disabled={clean(&token).is_empty()}>
                    { text::SIGN_IN }
                </button>
            </div>
            <p id="token-hint" class="hint">
                { text::TOKEN_COMMAND }{ " " }<code>{ text::COMMAND }</code>{ text::TOKEN_HINT }
            </p>
        </form>
    }
}

/// Extracts the token from pasted text.
fn clean(typed: &str) -> &str {
    typed
        .rsplit_once("#token=")
        .map_or(typed, |(_, token)| token)
        .trim()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::clean;

    #[test]
    fn accepts_a_bare_token_or_the_printed_address() {
        assert_eq!(clean(" abc\n"), "abc");
        assert_eq!(clean("http://127.0.0.1:8080/#token=abc"), "abc");
        assert_eq!(clean("  "), "");
    }
}
