//! A modal dialog; Escape cancels.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub id: &'static str,
    /// The question, which labels the dialog.
    pub title: AttrValue,
    /// Whether the action is in progress; Escape doesn't close the dialog then.
    #[prop_or_default]
    pub busy: bool,
    /// Called when Escape closes it.
    pub on_close: Callback<()>,
    pub children: Html,
}

/// A dialog that is open while mounted. The browser traps the focus inside and restores it afterwards.
#[component]
pub fn Dialog(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // Fails only if it's already open.
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
        // Browsers let a second Escape close a dialog even if the page prevents it, unless `closedby` is
        // set.
        <dialog id={props.id} ref={node} oncancel={cancel} aria-labelledby={heading.clone()}
            closedby={props.busy.then_some("none")}>
            <h2 id={heading} tabindex="-1" autofocus=true>{ &props.title }</h2>
            { props.children.clone() }
        </dialog>
    }
}
