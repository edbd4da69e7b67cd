//! A question in a dialogue of its own: the rest of the page waits, Escape answers no.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// See [`Dialog`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// For the document.
    pub id: &'static str,
    /// The question, which names the dialogue.
    pub title: AttrValue,
    /// Called when it is closed by the keyboard.
    pub on_close: Callback<()>,
    /// Text and buttons.
    pub children: Html,
}

/// Open as long as it is there. The browser keeps the focus inside, and gives it back afterwards.
#[component]
pub fn Dialog(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // It fails only when it is open already.
                let _ = dialog.show_modal();
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let cancel = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            on_close.emit(());
        })
    };
    let heading = format!("{}-heading", props.id);
    html! {
        <dialog id={props.id} ref={node} oncancel={cancel} aria-labelledby={heading.clone()}>
            <h2 id={heading} tabindex="-1" autofocus=true>{ &props.title }</h2>
            { props.children.clone() }
        </dialog>
    }
}
