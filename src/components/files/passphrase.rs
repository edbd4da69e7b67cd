//! An optional passphrase, typed twice because a typo would lock the file for good.

use yew::prelude::*;

use crate::{components::keep, text::files as text};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The first field's ID; the second field's ID ends in `-again`.
    pub id: &'static str,
    /// The first field's value.
    pub typed: UseStateHandle<String>,
    /// The second field's value.
    pub again: UseStateHandle<String>,
    /// Whether the fields are readable: a suggested passphrase must be copied.
    #[prop_or_default]
    pub is_visible: bool,
}

/// The two fields.
#[component]
pub fn PassphraseFields(props: &Props) -> Html {
    let again_id = format!("{}-again", props.id);
    let warning_id = format!("{}-warning", props.id);
    let hint_id = format!("{}-hint", props.id);
    let kind = if props.is_visible { "text" } else { "password" };
    // Enter does nothing: each button names what it saves.
    let stay = Callback::from(|event: SubmitEvent| event.prevent_default());
    html! {
        <form class="fields" onsubmit={stay}>
            // Tells password managers whose passphrase this is.
            <input hidden=true readonly=true autocomplete="username" value={props.id} />
            <div>
                <label for={props.id}>{ text::PASSPHRASE }</label>
                <input id={props.id} type={kind} autocomplete="new-password" spellcheck="false"
                    value={(*props.typed).clone()} oninput={keep::<InputEvent>(&props.typed)}
                    aria-describedby={warning_id.clone()} />
                <p id={warning_id} class="hint" role="status">{ warning(&props.typed) }</p>
            </div>
            <div>
                <label for={again_id.clone()}>{ text::PASSPHRASE_AGAIN }</label>
                <input id={again_id} type={kind} autocomplete="new-password" spellcheck="false"
                    value={(*props.again).clone()} oninput={keep::<InputEvent>(&props.again)}
                    aria-describedby={hint_id.clone()} />
                <p id={hint_id} class="hint" role="status">
                    if !props.again.is_empty()
                        && let Err(mismatch) = entered_passphrase(&props.typed, &props.again)
                    {
                        { mismatch.to_string() }
                    }
                </p>
            </div>
        </form>
    }
}

/// Why other tools may not take this passphrase; empty if they do.
fn warning(typed: &str) -> &'static str {
    /// Limits of openssl's prompt, in bytes.
    const SHORTEST: usize = 4;
    const LONGEST: usize = 1023;
    match typed.len() {
        0 => "",
        1..SHORTEST => text::SHORT_PASSPHRASE,
        length if length > LONGEST => text::LONG_PASSPHRASE,
        _ if typed.trim() != typed => text::BLANKS_AROUND_PASSPHRASE,
        _ if !typed.is_ascii() => text::ACCENTS_IN_PASSPHRASE,
        _ => "",
    }
}

/// The two entries differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The two passphrases differ. Type the same one twice.")]
pub struct Mismatch;

/// The passphrase to use; `None` if both fields are empty.
///
/// # Errors
/// [`Mismatch`].
pub fn entered_passphrase(typed: &str, again: &str) -> Result<Option<String>, Mismatch> {
    match (typed.is_empty(), typed == again) {
        (_, false) => Err(Mismatch),
        (true, true) => Ok(None),
        (false, true) => Ok(Some(typed.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Mismatch, entered_passphrase, warning};
    use crate::text::files as text;

    #[test]
    fn passphrases_that_other_tools_may_not_take_get_a_warning() {
        for (typed, expected) in [
            ("", ""),
            ("abc", text::SHORT_PASSPHRASE),
            ("abcd", ""),
            (&"a".repeat(1024), text::LONG_PASSPHRASE),
            (" abcd", text::BLANKS_AROUND_PASSPHRASE),
            ("café", text::ACCENTS_IN_PASSPHRASE),
        ] {
            assert_eq!(warning(typed), expected, "{typed}");
        }
    }

    #[test]
    fn a_passphrase_must_be_entered_twice() {
        assert_eq!(entered_passphrase("", ""), Ok(None));
        assert_eq!(entered_passphrase("a b", "a b"), Ok(Some("a b".to_owned())));
        assert_eq!(entered_passphrase("a b", "a c"), Err(Mismatch));
        assert_eq!(entered_passphrase("", "a"), Err(Mismatch));
        assert_eq!(entered_passphrase("a", ""), Err(Mismatch));
    }
}
