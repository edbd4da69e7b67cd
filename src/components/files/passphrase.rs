//! The wish for a passphrase: typed twice, because a slip would lock the file for good.

use yew::prelude::*;

use crate::{components::keep, text::files as text};

/// Properties of [`PassphraseFields`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The first field's id in the document; the second's has `-again` after it.
    pub id: &'static str,
    /// As it was typed.
    pub typed: UseStateHandle<String>,
    /// As it was typed again.
    pub again: UseStateHandle<String>,
    /// Shown in the clear: one that was suggested must be copied.
    #[prop_or_default]
    pub is_shown: bool,
}

/// The two fields.
#[component]
pub fn PassphraseFields(props: &Props) -> Html {
    let again_id = format!("{}-again", props.id);
    let hint_id = format!("{}-hint", props.id);
    let kind = if props.is_shown { "text" } else { "password" };
    // Enter does nothing: what is saved, is said by a button.
    let stay = Callback::from(|event: SubmitEvent| event.prevent_default());
    html! {
        <form class="fields" onsubmit={stay}>
            // For password managers: whose passphrase it is.
            <input hidden=true readonly=true autocomplete="username" value={props.id} />
            <div>
                <label for={props.id}>{ text::PASSPHRASE }</label>
                <input id={props.id} type={kind} autocomplete="new-password" spellcheck="false"
                    value={(*props.typed).clone()} oninput={keep::<InputEvent>(&props.typed)} />
            </div>
            <div>
                <label for={again_id.clone()}>{ text::PASSPHRASE_AGAIN }</label>
                <input id={again_id} type={kind} autocomplete="new-password" spellcheck="false"
                    value={(*props.again).clone()} oninput={keep::<InputEvent>(&props.again)}
                    aria-describedby={hint_id.clone()} />
                <p id={hint_id} class="hint" role="status">
                    if !props.again.is_empty()
                        && let Err(slip) = wished(&props.typed, &props.again)
                    {
                        { slip.to_string() }
                    }
                </p>
            </div>
        </form>
    }
}

/// What was typed first is not what was typed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The two passphrases differ. Type the same one twice.")]
pub struct Slip;

/// The passphrase that is wished for: none when nothing was typed.
///
/// # Errors
/// [`Slip`].
pub fn wished(typed: &str, again: &str) -> Result<Option<String>, Slip> {
    match (typed.is_empty(), typed == again) {
        (_, false) => Err(Slip),
        (true, true) => Ok(None),
        (false, true) => Ok(Some(typed.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Slip, wished};

    #[test]
    fn a_slip_is_no_passphrase() {
        assert_eq!(wished("", ""), Ok(None));
        assert_eq!(wished("a b", "a b"), Ok(Some("a b".to_owned())));
        assert_eq!(wished("a b", "a c"), Err(Slip));
        assert_eq!(wished("", "a"), Err(Slip));
        assert_eq!(wished("a", ""), Err(Slip));
    }
}
