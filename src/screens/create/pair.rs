//! A generated pair whose public key isn't uploaded.

use keyside_engine::KeyWorker;
use yew::prelude::*;

use super::{by_hand::ByHand, files::KeyFiles};
use crate::{
    components::{Announcement, Card, copied},
    model::{ChosenAccount, creation::Creation},
    session::use_workspace,
    text::{self, create as words},
    time,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub creation: UseReducerHandle<Creation>,
    pub worker: KeyWorker,
    pub account: Option<ChosenAccount>,
    /// Called to discard the pair.
    pub on_discard: Callback<()>,
}

/// The fingerprint, the files and, without an API, how to upload the public key.
#[component]
pub fn PairCard(props: &Props) -> Html {
    let workspace = use_workspace();
    let creation = &props.creation;
    let Some(half) = creation.half() else {
        return html! {};
    };
    let is_busy = creation.stage.is_some();
    html! {
        <Card id="pair" title={words::PAIR}>
            <Announcement id="made">
                { words::generated(half.bits) }{ " " }
                <span id="elapsed">{ time::seconds(half.elapsed_ms) }</span>{ " " }
                <span id="engine">{ if half.fast { words::FAST } else { words::PORTABLE } }</span>
                { ". " }{ if creation.is_saved { words::SAVED } else { words::NOT_SAVED } }
            </Announcement>
            <dl>{ copied("fingerprint", text::FINGERPRINT, &half.fingerprint) }</dl>
            <KeyFiles creation={creation.clone()} worker={props.worker.clone()} {is_busy} />
            if workspace.session().is_none() {
                <ByHand creation={creation.clone()} account={props.account.clone()} />
            }
            <button type="button" id="forget" class="quiet" disabled={is_busy}
                onclick={props.on_discard.reform(|_: MouseEvent| ())}>{ words::DISCARD }</button>
        </Card>
    }
}
