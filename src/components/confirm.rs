//! A confirmation before something can be lost.

use yew::prelude::*;

use super::Dialog;
use crate::text;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The question, with verb and object.
    pub title: AttrValue,
    /// The consequences.
    pub body: AttrValue,
    /// The confirm button's label, which repeats the verb.
    pub verb: AttrValue,
    /// Called on confirmation.
    pub on_confirm: Callback<()>,
    pub on_cancel: Callback<()>,
}

/// A dialog that is open while mounted.
#[component]
pub fn ConfirmDialog(props: &Props) -> Html {
    let confirm = props.on_confirm.reform(|_: MouseEvent| ());
    let cancel = props.on_cancel.reform(|_: MouseEvent| ());
    html! {
        <Dialog id="confirm-dialog" title={props.title.clone()} on_close={props.on_cancel.clone()}>
            <p>{ &props.body }</p>
            <div class="row wrapped">
                <button type="button" id="confirm" class="danger" onclick={confirm}>
                    { &props.verb }
                </button>
                <button type="button" id="cancel" class="quiet" onclick={cancel}>
                    { text::CANCEL }
                </button>
            </div>
        </Dialog>
    }
}
