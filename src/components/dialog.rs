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
    /// Whether the answer is being carried out: it cannot be taken back by the keyboard either then.
    #[prop_or_default]
    pub busy: bool,
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
        let (on_close, busy) = (props.on_close.clone(), props.busy);
        Callback::from(move |event: Event| {
            event.prevent_default();
            if !busy {
                on_close.emit(());
            }
        })
    };
    let heading = format!("{}-heading", props.id);
    html! {
        // Browsers let the second Escape in a row close a dialogue whatever the page says, but for
        // `closedby`.
        <dialog id={props.id} ref={node} oncancel={cancel} aria-labelledby={heading.clone()}
            closedby={props.busy.then_some("none")}>
            <h2 id={heading} tabindex="-1" autofocus=true>{ &props.title }</h2>
            { props.children.clone() }
        </dialog>
    }
}
