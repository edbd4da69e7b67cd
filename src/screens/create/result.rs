//! The new key: its IDs, files and next steps.

use yew::prelude::*;

use super::{files::KeyFiles, retire::Retire, rotation::Target};
use crate::{
    components::{Announcement, Card, Expires, copied, proof},
    model::{
        ChosenAccount,
        creation::Creation,
        issue::{Issuer, Stage},
    },
    routes::{Route, href, use_query},
    setup::Setup,
    text::{self, create as words, rotation as rotation_text},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub creation: UseReducerHandle<Creation>,
    /// Holds the private key and verifies the key.
    pub issuer: Issuer,
    /// Its service account.
    pub account: ChosenAccount,
    /// The key that it replaces, in a rotation.
    pub target: Option<Target>,
    /// Called to verify the key again.
    pub on_verify: Callback<()>,
    /// Called to create another key.
    pub on_start_over: Callback<()>,
}

/// The result, its configuration, and the last steps of a rotation.
#[component]
pub fn ResultView(props: &Props) -> Html {
    let Props {
        creation, account, ..
    } = props;
    let query = use_query().scope();
    let file = use_state(|| None::<String>);
    let (Some(uploaded), Some(half)) = (&creation.issued.uploaded, creation.half()) else {
        return html! {};
    };
    let is_busy = creation.stage.is_some();
    let key = Route::Key {
        id: uploaded.key_id.clone(),
    };
    let on_credentials = {
        let file = file.clone();
        Callback::from(move |name| file.set(Some(name)))
    };
    let waits_for = match (creation.issued.is_verified(), creation.is_saved) {
        (false, _) => Some(AttrValue::from(rotation_text::AFTER_VERIFYING)),
        (_, false) => Some(AttrValue::from(rotation_text::AFTER_SAVING)),
        _ => None,
    };
    html! {
        <>
            <Card id="result" title={words::CREATED}>
                <Announcement id="uploaded">
                    { words::NEW_KEY_FOR }{ " " }
                    <strong><bdi>{ account.label().to_owned() }</bdi></strong>{ ". " }
                    { if creation.is_saved { words::SAVED } else { words::NOT_SAVED } }
                    if let Some(note) = uploaded.note { { " " }{ note } }
                </Announcement>
                <KeyFiles creation={creation.clone()} worker={props.issuer.worker.clone()} {is_busy}
                    {on_credentials} />
                <dl>
                    { copied("key-id", text::KEY_ID, &uploaded.key_id) }
                    { copied("account-of-key", text::SERVICE_ACCOUNT_ID, &account.id) }
                    if let Some(at_s) = uploaded.expires_s {
                        <dt>{ text::EXPIRES }</dt>
                        <dd id="key-expires-at">
                            <Expires key_id={uploaded.key_id.clone()} {at_s}
                                account={account.label().to_owned()} />
                        </dd>
                    }
                    { copied("fingerprint", text::FINGERPRINT, &half.fingerprint) }
                </dl>
                <div id="verify-result" aria-live="polite">
                    { match (creation.stage, &creation.issued.proof) {
                        (Some(Stage::Verifying), _) => html! { <p role="status">{ words::VERIFYING }</p> },
                        (_, Some(outcome)) => proof(outcome),
                        (_, None) => html! { <p class="hint">{ words::NOT_VERIFIED }</p> },
                    } }
                </div>
                if !creation.issued.is_verified() {
                    <button type="button" id="verify" class="quiet" disabled={is_busy}
                        onclick={props.on_verify.reform(|_: MouseEvent| ())}>{ words::VERIFY }</button>
                }
                <div class="row wrapped next">
                    <a id="view-key" href={href(&key, &query)}>{ words::VIEW_KEY }</a>
                    <button type="button" id="create-another" class="quiet" disabled={is_busy}
                        onclick={props.on_start_over.reform(|_: MouseEvent| ())}>
                        { words::CREATE_ANOTHER }
                    </button>
                </div>
            </Card>
            <Setup account={account.clone()} key_id={uploaded.key_id.clone()} file={(*file).clone()} />
            if let Some(target) = &props.target {
                <Retire target={target.clone()} {waits_for} on_leave={props.on_start_over.clone()} />
            }
        </>
    }
}
