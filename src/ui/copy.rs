//! A block of text with a button that copies it.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

/// See [`Copyable`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it is, for the button's name.
    pub name: AttrValue,
    /// The text itself.
    pub text: AttrValue,
}

/// What became of the last click.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    NotAsked,
    Copied,
    /// No clipboard: the text is selected instead.
    Selected,
}

/// See the module. Where the browser offers no clipboard (plain http other than localhost), the
/// text is selected, ready for the person's own copy command, and the button says so.
#[component]
pub fn Copyable(props: &Props) -> Html {
    let outcome = use_state(|| Outcome::NotAsked);
    let block = use_node_ref();
    let copy = {
        let (outcome, block, text) = (outcome.clone(), block.clone(), props.text.clone());
        Callback::from(move |_: MouseEvent| {
            let (outcome, block, text) = (outcome.clone(), block.clone(), text.clone());
            spawn_local(async move {
                outcome.set(if write_clipboard(&text).await {
                    Outcome::Copied
                } else {
                    select(&block);
                    Outcome::Selected
                });
            });
        })
    };
    html! {
        <div class="copyable">
            <pre ref={block} tabindex="0"><code>{ &props.text }</code></pre>
            <button type="button" onclick={copy} aria-label={format!("Copy: {}", props.name)}>
                { "Copy" }
            </button>
            <span role="status" class="hint">
                { match *outcome {
                    Outcome::NotAsked => "",
                    Outcome::Copied => "Copied.",
                    Outcome::Selected => "Selected: copy it with your keyboard.",
                } }
            </span>
        </div>
    }
}

async fn write_clipboard(text: &str) -> bool {
    let Some(navigator) = web_sys::window().map(|window| window.navigator()) else {
        return false;
    };
    // Missing on plain http, whatever the type says.
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into())
        .ok()
        .and_then(|value| value.dyn_into::<web_sys::Clipboard>().ok());
    match clipboard {
        Some(clipboard) => JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        None => false,
    }
}

fn select(block: &NodeRef) {
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    if let (Some(selection), Some(node)) = (selection, block.get()) {
        // A selection that fails leaves the text as it is, to be selected by hand.
        let _ = selection.select_all_children(&node);
    }
}
