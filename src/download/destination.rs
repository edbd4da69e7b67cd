//! Where files go: to the browser's downloads, or into a folder that was chosen; and what became of
//! the last one.

use std::future::Future;

use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;
use yew::prelude::*;

use super::{
    folder::{self, Folder, Saving},
    save,
};
use crate::{
    engine::{
        EngineError,
        message::{Code, Fault},
    },
    text,
    ui::Alert,
};

/// Saves the files of a step, one after the other.
#[derive(Clone, PartialEq)]
pub struct Delivery {
    /// None: the downloads.
    folder: UseStateHandle<Option<Folder>>,
    busy: UseStateHandle<bool>,
    /// What became of the last file, where the browser does not show it itself.
    said: UseStateHandle<String>,
    problem: UseStateHandle<Option<EngineError>>,
}

/// Gives what saves files; they go to the downloads at first. What is said of one is about `pair`,
/// and goes with it.
#[hook]
pub fn use_delivery<T: PartialEq + 'static>(pair: T) -> Delivery {
    let delivery = Delivery {
        folder: use_state(|| None),
        busy: use_state(|| false),
        said: use_state(String::new),
        problem: use_state(|| None),
    };
    {
        let (said, problem) = (delivery.said.clone(), delivery.problem.clone());
        use_effect_with(pair, move |_| {
            said.set(String::new());
            problem.set(None);
        });
    }
    delivery
}

impl Delivery {
    /// Whether a file is on its way.
    pub fn is_busy(&self) -> bool {
        *self.busy
    }

    /// Tells of something else that failed.
    pub fn fail(&self, error: EngineError) {
        self.problem.set(Some(error));
    }

    /// Saves a text that is no secret.
    pub fn save_text(&self, name: &str, content: &str) {
        let blob = save::text_blob(content).ok_or_else(|| fault(text::NO_FILE));
        self.save(name.to_owned(), async { blob }, || {});
    }

    /// Makes a file and saves it; `on_saved` is called once it was: a file that is there may be kept
    /// instead.
    pub fn save(
        &self,
        name: String,
        make: impl Future<Output = Result<Blob, EngineError>> + 'static,
        on_saved: impl FnOnce() + 'static,
    ) {
        self.busy.set(true);
        let delivery = self.clone();
        spawn_local(async move {
            let done = async { deliver(&make.await?, &name, delivery.folder.as_ref()).await };
            let (saving, problem) = match done.await {
                Ok(saving) => (Some(saving), None),
                Err(problem) => (None, Some(problem)),
            };
            delivery.said.set(match (saving, &*delivery.folder) {
                (Some(saving), Some(folder)) => text::saved_in(&name, &folder.name(), saving),
                _ => String::new(),
            });
            delivery.problem.set(problem);
            if saving == Some(Saving::Saved) {
                on_saved();
            }
            delivery.busy.set(false);
        });
    }
}

async fn deliver(blob: &Blob, name: &str, folder: Option<&Folder>) -> Result<Saving, EngineError> {
    let Some(folder) = folder else {
        return if save::save(blob, name) {
            Ok(Saving::Saved)
        } else {
            Err(fault(text::NO_FILE))
        };
    };
    let saving = folder.save(blob, name).await;
    saving.map_err(|_| fault(text::NOT_IN_FOLDER))
}

fn fault(words: &str) -> EngineError {
    EngineError::Failed(Fault::new(Code::NoFile, words))
}

/// See [`DeliveryStatus`].
#[derive(Properties, PartialEq)]
pub struct StatusProps {
    /// For the document.
    pub id: &'static str,
    /// Of whose files.
    pub delivery: Delivery,
    /// While one is made.
    pub making: &'static str,
}

/// What becomes of a file.
#[component]
pub fn DeliveryStatus(props: &StatusProps) -> Html {
    let Delivery {
        busy,
        said,
        problem,
        ..
    } = &props.delivery;
    html! {
        <>
            <p id={props.id} class="hint" role="status">
                { if **busy { props.making } else { said.as_str() } }
            </p>
            if let Some(problem) = &**problem {
                <Alert text={problem.to_string()} />
            }
        </>
    }
}

/// See [`Destination`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Of whose files.
    pub delivery: Delivery,
}

/// The choice between the two; nothing where the browser offers no folders.
#[component]
pub fn Destination(props: &Props) -> Html {
    let Delivery { folder, said, .. } = &props.delivery;
    let choose = {
        let folder = folder.clone();
        Callback::from(move |_: MouseEvent| {
            let folder = folder.clone();
            spawn_local(async move {
                if let Some(chosen) = Folder::choose().await {
                    folder.set(Some(chosen));
                }
            });
        })
    };
    let back = {
        let (folder, said) = (folder.clone(), said.clone());
        Callback::from(move |_: MouseEvent| {
            folder.set(None);
            said.set(String::new());
        })
    };
    if !folder::is_offered() {
        return html! {};
    }
    html! {
        <p id="destination" role="status">
            if let Some(folder) = &**folder {
                { "Files go straight into the folder " }<strong>{ folder.name() }</strong>{ ". " }
                <button type="button" id="to-downloads" class="quiet" onclick={back}>
                    { "Use the downloads instead" }
                </button>
            } else {
                <button type="button" id="choose-folder" class="quiet" onclick={choose}>
                    { "Save into a folder instead of the downloads" }
                </button>
            }
        </p>
    }
}
