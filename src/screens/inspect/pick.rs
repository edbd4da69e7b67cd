//! Accepts a key file: chosen, dropped or pasted.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, DragEvent, HtmlInputElement};
use yew::prelude::*;

use crate::{components::Card, text::inspect as text};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Called with a file and its name.
    pub on_pick: Callback<(String, Blob)>,
    /// Whether a file is being read.
    pub busy: bool,
}

/// The file field and the text field. Pasted text goes to the worker as a file, not through this program.
#[component]
pub fn Pick(props: &Props) -> Html {
    let pasted = use_node_ref();
    let over = use_state(|| false);
    let has_text = use_state(|| false);
    let choose = {
        let on_pick = props.on_pick.clone();
        Callback::from(move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else {
                return;
            };
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                on_pick.emit((file.name(), file.into()));
            }
            // Lets the user choose the same file again after changing it.
            input.set_value("");
        })
    };
    let drag = |is_over: bool| {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(is_over);
        })
    };
    let drop = {
        let (on_pick, over) = (props.on_pick.clone(), over.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            let Some(dropped) = event.data_transfer() else {
                return;
            };
            let file = dropped.files().and_then(|files| files.get(0));
            if let Some(file) = file {
                on_pick.emit((file.name(), file.into()));
            } else if let Ok(text) = dropped.get_data("text")
                && let Some(blob) = text_file(&text.into())
            {
                on_pick.emit((text::DROPPED_TEXT.to_owned(), blob));
            }
        })
    };
    let note_text = {
        let (pasted, has_text) = (pasted.clone(), has_text.clone());
        Callback::from(move |_: InputEvent| {
            has_text.set(value(&pasted).is_some_and(|value| value.is_truthy()));
        })
    };
    let take = {
        let (pasted, on_pick) = (pasted.clone(), props.on_pick.clone());
        let has_text = has_text.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(blob) = value(&pasted).and_then(|value| text_file(&value)) {
                // Don't leave a private key in the field.
                set_value(&pasted, &"".into());
                has_text.set(false);
                on_pick.emit((text::PASTED_TEXT.to_owned(), blob));
            }
        })
    };
    let class = classes!("drop", over.then_some("over"));
    html! {
        <Card id="pick" title={text::TITLE}>
            <p>{ text::PICK }</p>
            <div {class} ondragover={drag(true)} ondragleave={drag(false)} ondrop={drop}>
                <label for="key-file">{ text::CHOOSE }</label>
                <input id="key-file" type="file" onchange={choose} />
            </div>
            <details id="paste">
                <summary>{ text::PASTE }</summary>
                <form onsubmit={take}>
                    <label for="pasted">{ text::PASTED }</label>
                    <textarea id="pasted" ref={pasted} rows="6" autocomplete="off"
                        spellcheck="false" oninput={note_text} />
                    <button id="read-pasted" type="submit" disabled={!*has_text}>
                        { text::READ }
                    </button>
                </form>
            </details>
            <p id="reading" class="hint" role="status">
                if props.busy { { text::READING } }
            </p>
        </Card>
    }
}

/// The field's text as a JavaScript string.
fn value(field: &NodeRef) -> Option<JsValue> {
    Reflect::get(&field.get()?.into(), &"value".into()).ok()
}

fn set_value(field: &NodeRef, value: &JsValue) {
    if let Some(field) = field.get() {
        // Setting a text area's value can't fail.
        let _ = Reflect::set(&field, &"value".into(), value);
    }
}

fn text_file(text: &JsValue) -> Option<Blob> {
    Blob::new_with_str_sequence(Array::of1(text).unchecked_ref()).ok()
}
