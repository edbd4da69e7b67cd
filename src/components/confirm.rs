//! A question before something can be lost.

use yew::prelude::*;

use super::Dialog;
use crate::text;

/// Properties of [`ConfirmDialog`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The question, with verb and object.
    pub title: AttrValue,
    /// What happens then.
    pub body: AttrValue,
    /// The button, which repeats the verb.
    pub verb: AttrValue,
    /// Called for yes.
    pub on_confirm: Callback<()>,
    /// Called for no.
    pub on_cancel: Callback<()>,
}

/// Open as long as it is there.
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
