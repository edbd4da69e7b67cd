//! Step 4: uploads the public key as an authorized key, or says how to do it by hand.

mod by_hand;
mod form;
mod preview;
mod send;

use yew::prelude::*;

pub use self::send::{Attempt, AttemptSlot, wait_for};
use self::{by_hand::ByHand, form::UploadForm};
use crate::{
    state::App,
    ui::{Arrival, Step},
};

/// See [`UploadStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Its place among the steps of the screen, where there are steps.
    #[prop_or(Some(4))]
    pub number: Option<u8>,
}

/// See the module.
#[component]
pub fn UploadStep(props: &Props) -> Html {
    let app = &props.app;
    let fingerprint = app.public_half().map(|half| half.fingerprint.clone());
    let attempt = use_memo(fingerprint, |_| AttemptSlot::default());
    let waits_for = match (app.public_half(), &app.account) {
        (None, _) => Some("Waits for the pair of step 3."),
        (_, None) => Some("Waits for the service account of step 2."),
        _ => None,
    };
    html! {
        <Step id="upload-step" number={props.number} title="Upload the public key"
            done={app.uploaded.is_some()} {waits_for}>
            if let Some(uploaded) = &app.uploaded {
                <Arrival id="uploaded">
                    { "The authorized key is " }<code id="key-id">{ &uploaded.key_id }</code>{ "." }
                    if let Some(note) = uploaded.note { { " " }{ note } }
                </Arrival>
            } else if let (Some(half), Some(account)) = (app.public_half(), &app.account) {
                if let Some(session) = app.session() {
                    <UploadForm key={half.fingerprint.clone()} app={app.clone()}
                        session={session.clone()} half={half.clone()} account={account.clone()} attempt={(*attempt).clone()} />
                } else {
                    <ByHand app={app.clone()} account={account.clone()} />
                }
            }
        </Step>
    }
}
