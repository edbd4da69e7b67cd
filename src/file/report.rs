//! What the file is, what is wrong with it, and what can be done with it.

use keyside_engine::{
    KeyWorker,
    message::{Command, FileKind},
};
use yew::prelude::*;
use zeroize::Zeroize;

use super::{Read, credentials::CredentialsReport, half, lookup::Lookup};
use crate::{
    account::AccountStep,
    download::{DeliveryStatus, Destination, use_delivery},
    link::Link,
    state::{Action, App, ChosenAccount, Pair},
    text,
    ui::{Alert, Arrival, Copyable, keep},
    upload::UploadStep,
};

/// See [`Report`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Holds what is private of the file.
    pub worker: KeyWorker,
    /// The file.
    pub read: Read,
    /// The worker is at work on it.
    pub busy: bool,
    /// A passphrase was given.
    pub on_passphrase: Callback<String>,
    /// The file is to be forgotten.
    pub on_forget: Callback<()>,
    /// To the other screens.
    pub link: Link,
    /// Changes each time the screen is shown.
    pub shown: u32,
}

/// See the module.
#[component]
pub fn Report(props: &Props) -> Html {
    let Props { app, read, .. } = props;
    let report = &read.report;
    let delivery = use_delivery(read.file.clone());
    let forget = {
        let on_forget = props.on_forget.clone();
        Callback::from(move |_: MouseEvent| on_forget.emit(()))
    };
    let bring = {
        let (app, public) = (app.clone(), report.public.clone());
        let account_id = report.service_account_id.clone();
        Callback::from(move |_: MouseEvent| {
            // The account of an earlier file is not this one's.
            app.dispatch(Action::Account(account_id.clone().map(|id| {
                ChosenAccount {
                    id,
                    name: None,
                    project_id: None,
                }
            })));
            if let Some(public) = &public {
                app.dispatch(Action::Pair(Pair::Made(half(public))));
                // There is nothing here that could be lost.
                app.dispatch(Action::Saved);
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
        let (worker, delivery) = (props.worker.clone(), delivery.clone());
        let name = report.service_account_id.clone().unwrap_or_default();
        Callback::from(move |_: MouseEvent| {
            let worker = worker.clone();
            let file = Box::pin(async move { worker.file(Command::Repaired).await });
            delivery.save(
                keyside_keygen::credentials_file_name(&name),
                file,
                Callback::noop(),
            );
        })
    };
    let is_locked = matches!(report.kind, FileKind::Locked | FileKind::LockedCredentials);
    let is_wrong = matches!(report.kind, FileKind::Other | FileKind::UnusablePrivate);
    html! {
        <>
            <section id="report" class="step" aria-labelledby="report-heading">
                <h2 id="report-heading">{ &read.name }</h2>
                if is_wrong {
                    <Alert text={report.told.clone()} />
                } else {
                    <Arrival id="told">{ &report.told }</Arrival>
                }
                if is_locked {
                    <Unlock refused={report.refused.clone()} busy={props.busy}
                        on_passphrase={props.on_passphrase.clone()} />
                }
                if let Some(public) = &report.public {
                    <dl>
                        <dt>{ "SHA-256 fingerprint of the public key (SPKI)" }</dt>
                        <dd><code id="file-fingerprint">{ &public.fingerprint }</code></dd>
                    </dl>
                    <details id="public-half">
                        <summary>{ "Its public key, as it is uploaded" }</summary>
                        <Copyable name="the public key" text={public.pem.clone()} />
                        <button type="button" id="save-public" class="quiet" onclick={save_public}
                            disabled={delivery.is_busy()}>
                            { "Save public.pem" }
                        </button>
                    </details>
                }
                if matches!(report.kind, FileKind::Credentials | FileKind::LockedCredentials) {
                    <CredentialsReport app={app.clone()} worker={props.worker.clone()}
                        report={report.clone()} on_repair={repair} is_saving={delivery.is_busy()}
                        shown={props.shown} />
                }
                <DeliveryStatus id="file-status" delivery={delivery.clone()}
                    making="Making the file…" />
                if report.is_repairable {
                    <Destination {delivery} />
                }
                <button type="button" id="forget-file" class="quiet" onclick={forget}>
                    { "Forget this file" }
                </button>
            </section>
            if let Some(public) = &report.public {
                <Lookup key={public.fingerprint.clone()} app={app.clone()} public={public.clone()}
                    account_id={report.service_account_id.clone()} on_bring={bring}
                    link={props.link.clone()} shown={props.shown} />
                if app.public_half().is_some() {
                    <AccountStep app={app.clone()} number={None::<u8>} />
                    if app.account.is_some() {
                        <UploadStep app={app.clone()} number={None::<u8>} />
                    }
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

/// The field for the passphrase.
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
            <p>{ text::LOCKED }</p>
            <label for="open-passphrase">{ "Passphrase" }</label>
            <div class="row">
                <input id="open-passphrase" type="password" autocomplete="off" spellcheck="false"
                    value={(*typed).clone()} oninput={keep::<InputEvent>(&typed)} />
                <button id="open-file" type="submit" disabled={props.busy || typed.is_empty()}>
                    { if props.busy { "Opening…" } else { "Open" } }
                </button>
            </div>
            if let Some(refused) = &props.refused {
                <Alert text={refused.clone()} />
            }
        </form>
    }
}
