//! Where files go: to the browser's downloads, or into a folder that was chosen; and what became of
//! the last one.

use std::{cell::RefCell, future::Future, rc::Rc};

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
    /// Grows when a file that is on its way is of no interest any more.
    round: Rc<RefCell<u32>>,
}

/// Gives what saves files; they go to the downloads at first. A file that is on its way when
/// `of_what` changes counts for nothing then.
#[hook]
pub fn use_delivery<T: PartialEq + 'static>(of_what: T) -> Delivery {
    let delivery = Delivery {
        folder: use_state(|| None),
        busy: use_state(|| false),
        said: use_state(String::new),
        problem: use_state(|| None),
        round: use_mut_ref(|| 0),
    };
    {
        let delivery = delivery.clone();
        use_effect_with(of_what, move |_| delivery.begin_anew());
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

    fn begin_anew(&self) {
        *self.round.borrow_mut() += 1;
        self.busy.set(false);
        self.said.set(String::new());
        self.problem.set(None);
    }

    fn go_to(&self, folder: Option<Folder>) {
        self.folder.set(folder);
        self.begin_anew();
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
        self.begin_anew();
        self.busy.set(true);
        // Another one may be chosen meanwhile.
        let folder = (*self.folder).clone();
        let (delivery, round) = (self.clone(), *self.round.borrow());
        spawn_local(async move {
            let done = async { deliver(&make.await?, &name, folder.as_ref()).await };
            let done = done.await;
            if *delivery.round.borrow() != round {
                return;
            }
            match done {
                Ok(saving) => {
                    if let Some(folder) = &folder {
                        let said = text::saved_in(&name, &folder.name(), saving);
                        delivery.said.set(said);
                    }
                    if saving == Saving::Saved {
                        on_saved();
                    }
                }
                Err(error) => delivery.fail(error),
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
    let delivery = &props.delivery;
    let choose = {
        let delivery = delivery.clone();
        Callback::from(move |_: MouseEvent| {
            let delivery = delivery.clone();
            spawn_local(async move {
                if let Some(chosen) = Folder::choose().await {
                    delivery.go_to(Some(chosen));
                }
            });
        })
    };
    let back = {
        let delivery = delivery.clone();
        Callback::from(move |_: MouseEvent| delivery.go_to(None))
    };
    if !folder::is_offered() {
        return html! {};
    }
    html! {
        <p id="destination" role="status">
            if let Some(folder) = &*delivery.folder {
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
