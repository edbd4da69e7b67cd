//! The field for the access token, and what to do without an API.

use yew::prelude::*;
use zeroize::Zeroize;

use crate::ui::keep;

/// See [`TokenForm`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Called with the token.
    pub on_token: Callback<String>,
    /// Whether it is the first of the main job's steps.
    pub has_steps: bool,
}

/// Takes a token, also as the whole address that the server printed.
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
            <label for="token">{ "Access token" }</label>
            <div class="row">
                <input id="token" type="password" autocomplete="off" spellcheck="false"
                    value={(*token).clone()} oninput={keep::<InputEvent>(&token)}
                    aria-describedby="token-hint" />
                <button id="connect-button" type="submit" disabled={clean(&token).is_empty()}>
                    { "Connect" }
                </button>
            </div>
            <p id="token-hint" class="hint">
                { "The address that the server printed holds it, after #token=; the whole address \
                   may be pasted. For Nebius AI Cloud, " }
                <code>{ "nebius iam get-access-token" }</code>
                { " prints one. It is kept in this tab's memory only, so a reload asks again." }
            </p>
            if props.has_steps {
                <p class="hint">
                    { "Without an API you can still make a pair and download it: go on to step 3. \
                       Step 4 says how to upload the public key by hand." }
                </p>
            }
        </form>
    }
}

/// Takes the token out of what was pasted.
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
    fn a_token_is_taken_alone_or_out_of_the_printed_address() {
        assert_eq!(clean(" abc\n"), "abc");
        assert_eq!(clean("http://127.0.0.1:8080/#token=abc"), "abc");
        assert_eq!(clean("  "), "");
    }
}
