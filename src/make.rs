//! The main job's screen: the steps in their order.

use keyside_engine::KeyWorker;
use yew::prelude::*;

use crate::{
    account::AccountStep,
    configure::ConfigureStep,
    connect::ConnectStep,
    download::DownloadStep,
    generate::GenerateStep,
    keys::KeysSection,
    screen::{ScreenProps, once_ready, use_screen},
    upload::UploadStep,
    verify::VerifyStep,
};

/// See the module.
#[component]
pub fn MakeScreen(props: &ScreenProps) -> Html {
    let app = use_screen(props, Callback::noop());
    let worker = use_memo(props.start_worker.clone(), |start_worker| {
        KeyWorker::start(start_worker.clone(), None)
    });
    let worker = (*worker).clone();
    once_ready(&app, || {
        html! {
            <>
                <ConnectStep app={app.clone()} number={1} />
                <AccountStep app={app.clone()} />
                <GenerateStep app={app.clone()} worker={worker.clone()} />
                <UploadStep app={app.clone()} />
                <DownloadStep app={app.clone()} worker={worker.clone()} />
                <VerifyStep app={app.clone()} {worker} />
                <ConfigureStep app={app.clone()} link={props.link.clone()} />
                <KeysSection app={app.clone()} />
            </>
        }
    })
}
