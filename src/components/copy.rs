//! Text with a copy button.

use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use crate::text;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The element's ID.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// The text's name, for the button's label.
    pub name: AttrValue,
    pub text: AttrValue,
}

/// The result of the last click.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    NotAsked,
    Copied,
    /// No clipboard: the text is selected instead.
    Selected,
}

impl Outcome {
    fn message(self) -> &'static str {
        match self {
            Self::NotAsked => "",
            Self::Copied => text::COPIED,
            Self::Selected => text::SELECTED,
        }
    }
}

/// A block of text with a copy button.
#[component]
pub fn Copyable(props: &Props) -> Html {
    let block = use_node_ref();
    let (outcome, copy) = use_copy(&props.text, &block);
    html! {
        <div id={props.id.clone()} class="copyable">
            <pre ref={block} tabindex="0"><code>{ &props.text }</code></pre>
            <button type="button" onclick={copy} aria-label={text::copy(&props.name)}>
                { text::COPY }
            </button>
            <span role="status" class="hint">{ outcome.message() }</span>
        </div>
    }
}

/// An ID or a fingerprint in a line of text, with a copy button.
#[component]
pub fn CopyButton(props: &Props) -> Html {
    let code = use_node_ref();
    let (outcome, copy) = use_copy(&props.text, &code);
    html! {
        <span class="copy">
            <code id={props.id.clone()} ref={code}>
                // Lines of a fingerprint break between bytes.
                { for props.text.split_inclusive(':').map(|part| html! { <>{ part.to_owned() }<wbr /></> }) }
            </code>{ " " }
            <button type="button" class="quiet small" onclick={copy}
                aria-label={text::copy(&props.name)}>{ text::COPY }</button>
            <span role="status" class="hint">{ outcome.message() }</span>
        </span>
    }
}

/// A row of a list of facts: an ID or a fingerprint with a copy button.
pub fn copied(id: &'static str, name: &'static str, text: &str) -> Html {
    html! { <><dt>{ name }</dt><dd><CopyButton {id} {name} text={text.to_owned()} /></dd></> }
}

/// The result of the last click, and the click handler. Without a clipboard (plain http on hosts other than
/// localhost), it selects the text, so that the user can copy it.
#[hook]
fn use_copy(text: &AttrValue, node: &NodeRef) -> (Outcome, Callback<MouseEvent>) {
    let outcome = use_state(|| Outcome::NotAsked);
    {
        let outcome = outcome.clone();
        // The text that was copied has changed.
        use_effect_with(text.clone(), move |_| outcome.set(Outcome::NotAsked));
    }
    let now = *outcome;
    let (node, text) = (node.clone(), text.clone());
    let copy = Callback::from(move |_: MouseEvent| {
        let (outcome, node, text) = (outcome.clone(), node.clone(), text.clone());
        spawn_local(async move {
            outcome.set(if write_clipboard(&text).await {
                Outcome::Copied
            } else {
                select(&node);
                Outcome::Selected
            });
        });
    });
    (now, copy)
}

async fn write_clipboard(text: &str) -> bool {
    let clipboard = web_sys::window().map(|window| window.navigator().clipboard());
    // Undefined on plain http, whatever the type says.
    match clipboard.filter(|clipboard| clipboard.is_object()) {
        Some(clipboard) => JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        None => false,
    }
}

fn select(block: &NodeRef) {
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    if let (Some(selection), Some(node)) = (selection, block.get()) {
        // If the selection fails, the text can still be selected by hand.
        let _ = selection.select_all_children(&node);
    }
}
