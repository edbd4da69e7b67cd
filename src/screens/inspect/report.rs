//! What the file is, what's wrong with it, and what you can do with it.

use keyside_engine::message::{Command, FileKind};
use yew::prelude::*;
use zeroize::Zeroize;

use super::{Read, credentials::CredentialsReport, half, lookup::Lookup, upload::Upload};
use crate::{
    components::{
        Alert, Announcement, Card, Copyable, copied,
        files::{DeliveryStatus, Destination, use_delivery},
        keep,
    },
    model::{
        Chosen, ChosenAccount,
        creation::{Creation, CreationAction},
        issue::Issuer,
    },
    text::{self, inspect as words},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The worker holds the file's private part.
    pub issuer: Issuer,
    /// The public key, if it's being uploaded.
    pub creation: UseReducerHandle<Creation>,
    pub read: Read,
    /// Whether the worker is reading the file.
    pub busy: bool,
    /// Called with a passphrase.
    pub on_passphrase: Callback<String>,
    /// Called to forget the file.
    pub on_forget: Callback<()>,
    /// Changes to reload data from the API.
    pub visits: u32,
}

/// The report on the file, and below it its authorized key.
#[component]
pub fn Report(props: &Props) -> Html {
    let Props {
        issuer,
        creation,
        read,
        ..
    } = props;
    let report = &read.report;
    let chosen = use_state(Chosen::new);
    let delivery = use_delivery(read.file.clone());
    let forget = props.on_forget.reform(|_: MouseEvent| ());
    let upload = {
        let (creation, chosen) = (creation.clone(), chosen.clone());
        let (public, account_id) = (report.public.clone(), report.service_account_id.clone());
        Callback::from(move |_: MouseEvent| {
            let account = account_id
                .clone()
                .map(|id| (id.clone(), ChosenAccount::of_id(id)));
            chosen.set(account.into_iter().collect());
            if let Some(public) = &public {
                creation.dispatch(CreationAction::Imported(half(public)));
            }
        })
    };
    let save_public = {
        let (public, delivery) = (report.public.clone(), delivery.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(public) = &public {
                delivery.save_text("public.pem", &public.pem);
            }
        })
    };
    let repair = {
        let (worker, delivery) = (issuer.worker.clone(), delivery.clone());
        let name = keyside_keygen::credentials_file_name(
            report.service_account_id.as_deref().unwrap_or_default(),
            report.key_id.as_deref().unwrap_or_default(),
        );
        Callback::from(move |_: MouseEvent| {
            let worker = worker.clone();
            let file = Box::pin(async move { worker.file(Command::RepairedCredentials).await });
            delivery.save(name.clone(), file, Callback::noop());
        })
    };
    let is_locked = matches!(report.kind, FileKind::Locked | FileKind::LockedCredentials);
    let is_wrong = matches!(report.kind, FileKind::Other | FileKind::UnusablePrivate);
    html! {
        <>
            <Card id="report" title={text::shortened(&read.name)}>
                if is_wrong {
                    <Alert text={report.summary.clone()} />
                } else {
                    <Announcement id="told">{ &report.summary }</Announcement>
                }
                if is_locked {
                    <Unlock refused={report.unlock_error.clone()} busy={props.busy}
                        on_passphrase={props.on_passphrase.clone()} />
                }
                <dl>
                    if let Some(id) = &report.service_account_id {
                        { copied("file-account", text::SERVICE_ACCOUNT, id) }
                    }
                    if let Some(id) = &report.key_id { { copied("file-kid", words::KID, id) } }
                    if let Some(public) = &report.public {
                        { copied("file-fingerprint", text::FINGERPRINT, &public.fingerprint) }
                    }
                </dl>
                if let Some(public) = &report.public {
                    <details id="public-half">
                        <summary>{ text::PUBLIC_KEY }</summary>
                        <Copyable name={text::PUBLIC_KEY} text={public.pem.clone()} />
                        <button type="button" id="save-public" class="quiet" onclick={save_public}
                            disabled={delivery.is_busy()}>
                            { words::SAVE_PUBLIC }
                        </button>
                    </details>
                }
                if matches!(report.kind, FileKind::Credentials | FileKind::LockedCredentials) {
                    <CredentialsReport worker={issuer.worker.clone()} report={report.clone()}
                        on_repair={repair} is_saving={delivery.is_busy()} visits={props.visits} />
                }
                <DeliveryStatus id="file-status" delivery={delivery.clone()}
                    making={text::files::PREPARING} />
                if report.is_repairable {
                    <Destination {delivery} />
                }
                <button type="button" id="forget-file" class="quiet" onclick={forget}>
                    { words::FORGET }
                </button>
            </Card>
            if let Some(public) = &report.public {
                <Lookup key={public.fingerprint.clone()} public={public.clone()}
                    is_private={!matches!(report.kind, FileKind::Public)}
                    account_id={report.service_account_id.clone()} creation={creation.clone()}
                    on_upload={upload} visits={props.visits} />
                if creation.half().is_some() {
                    <Upload creation={creation.clone()} issuer={issuer.clone()} {chosen}
                        visits={props.visits} />
                }
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct UnlockProps {
    refused: Option<String>,
    busy: bool,
    on_passphrase: Callback<String>,
}

/// The passphrase field.
#[component]
fn Unlock(props: &UnlockProps) -> Html {
    let typed = use_state(String::new);
    let submit = {
        let (typed, on_passphrase) = (typed.clone(), props.on_passphrase.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let mut passphrase = (*typed).clone();
            if !passphrase.is_empty() {
                typed.set(String::new());
                on_passphrase.emit(passphrase.clone());
            }
            passphrase.zeroize();
        })
    };
    html! {
        <form onsubmit={submit}>
            <p>{ words::LOCKED }</p>
            <label for="open-passphrase">{ text::files::PASSPHRASE }</label>
            <div class="row">
                <input id="open-passphrase" type="password" autocomplete="off" spellcheck="false"
                    value={(*typed).clone()} oninput={keep::<InputEvent>(&typed)} />
                <button id="open-file" type="submit" disabled={props.busy || typed.is_empty()}>
                    { if props.busy { words::OPENING } else { words::OPEN } }
                </button>
            </div>
            if let Some(refused) = &props.refused {
                <Alert text={refused.clone()} />
            }
        </form>
    }
}
