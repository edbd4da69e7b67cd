//! Where files are saved, the browser's downloads or a chosen folder, and the status of the last one.

use std::{cell::RefCell, future::Future, pin::Pin, rc::Rc};

use futures_channel::oneshot;
use keyside_engine::{
    EngineError,
    message::{Code, Fault},
};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;
use yew::prelude::*;

use super::{
    folder::{self, Folder, Saving},
    save,
};
use crate::{
    components::{Alert, ConfirmDialog},
    text::files as text,
};

/// State of the last file.
#[derive(Clone, PartialEq)]
enum Stage {
    /// Idle, with a message about the last file where the browser doesn't show one itself.
    Idle(String),
    Busy,
    Failed(EngineError),
}

const IDLE: Stage = Stage::Idle(String::new());

/// Saves the files of a card.
#[derive(Clone, PartialEq)]
pub struct Delivery {
    /// `None`: the downloads folder.
    folder: UseStateHandle<Option<Folder>>,
    stage: UseStateHandle<Stage>,
    /// Counts the saves, to ignore the status of earlier ones.
    round: Rc<RefCell<u32>>,
    /// Counts the changes of `subject`, to ignore results of earlier ones.
    subject: Rc<RefCell<u32>>,
    question: UseStateHandle<Option<Question>>,
}

/// Asks whether to replace an existing file.
#[derive(Clone)]
struct Question {
    name: String,
    folder: String,
    answer: Rc<RefCell<Option<oneshot::Sender<bool>>>>,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.answer, &other.answer)
    }
}

/// Creates a [`Delivery`] that saves to the downloads folder at first. When `subject` changes, files in
/// progress are ignored.
#[hook]
pub fn use_delivery<T: PartialEq + 'static>(subject: T) -> Delivery {
    let delivery = Delivery {
        folder: use_state(|| None),
        stage: use_state(|| IDLE),
        round: use_mut_ref(|| 0),
        subject: use_mut_ref(|| 0),
        question: use_state(|| None),
    };
    {
        let delivery = delivery.clone();
        use_effect_with(subject, move |_| {
            delivery.stage.set(IDLE);
            // Also on unmount.
            move || *delivery.subject.borrow_mut() += 1
        });
    }
    delivery
}

impl Delivery {
    async fn put(
        &self,
        blob: &Blob,
        name: &str,
        folder: Option<&Folder>,
    ) -> Result<Saving, EngineError> {
        let Some(folder) = folder else {
            return if save::save(blob, name) {
                Ok(Saving::Saved)
            } else {
                Err(fault(keyside_engine::text::NO_FILE))
            };
        };
        let may_replace = || self.confirm_replace(name.to_owned(), folder.name());
        let saving = folder.save(blob, name, may_replace).await;
        saving.map_err(|_| fault(text::NOT_IN_FOLDER))
    }

    /// Asks whether to replace a file; no answer means no.
    async fn confirm_replace(&self, name: String, folder: String) -> bool {
        let (answer, answered) = oneshot::channel();
        self.question.set(Some(Question {
            name,
            folder,
            answer: Rc::new(RefCell::new(Some(answer))),
        }));
        answered.await.unwrap_or(false)
    }

    fn answer(&self, question: &Question) -> Callback<bool> {
        let (dialog, answer) = (self.question.clone(), Rc::clone(&question.answer));
        Callback::from(move |may_replace| {
            if let Some(answer) = answer.take() {
                // Fails if nothing waits for the answer, which is fine.
                let _ = answer.send(may_replace);
            }
            dialog.set(None);
        })
    }

    /// Whether a file is being saved.
    pub fn is_busy(&self) -> bool {
        *self.stage == Stage::Busy
    }

    /// Reports a failure outside of saving.
    pub fn fail(&self, error: EngineError) {
        self.stage.set(Stage::Failed(error));
    }

    fn go_to(&self, folder: Option<Folder>) {
        self.folder.set(folder);
        self.stage.set(IDLE);
    }

    /// Saves text that isn't secret.
    pub fn save_text(&self, name: &str, content: &str) {
        let blob =
            save::text_blob(content, save::PEM).ok_or_else(|| fault(keyside_engine::text::NO_FILE));
        self.save(name.to_owned(), Box::pin(async { blob }), Callback::noop());
    }

    /// Creates a file and saves it; `on_saved` is called only if it was written, not if an existing file was
    /// kept.
    pub fn save(&self, name: String, make: FileFuture, on_saved: Callback<()>) {
        *self.round.borrow_mut() += 1;
        self.stage.set(Stage::Busy);
        // The folder may change in the meantime.
        let folder = (*self.folder).clone();
        let delivery = self.clone();
        let (round, subject) = (*self.round.borrow(), *self.subject.borrow());
        spawn_local(async move {
            let done = async { delivery.put(&make.await?, &name, folder.as_ref()).await };
            let done = done.await;
            if *delivery.subject.borrow() != subject {
                return;
            }
            if matches!(done, Ok(Saving::Saved)) {
                on_saved.emit(());
            }
            if *delivery.round.borrow() != round {
                return;
            }
            delivery.stage.set(match (done, folder) {
                (Ok(Saving::Saved), Some(folder)) => {
                    Stage::Idle(text::saved_in(&name, &folder.name()))
                }
                (Ok(Saving::Kept), Some(folder)) => {
                    Stage::Idle(text::kept_in(&name, &folder.name()))
                }
                (Ok(_), None) => IDLE,
                (Err(error), _) => Stage::Failed(error),
            });
        });
    }
}

/// A future that creates a file.
pub type FileFuture = Pin<Box<dyn Future<Output = Result<Blob, EngineError>>>>;

fn fault(words: &str) -> EngineError {
    EngineError::Failed(Fault::new(Code::NoFile, words))
}

#[derive(Properties, PartialEq)]
pub struct StatusProps {
    pub id: &'static str,
    pub delivery: Delivery,
    /// The message while a file is created.
    pub making: &'static str,
}

/// The status of the last file.
#[component]
pub fn DeliveryStatus(props: &StatusProps) -> Html {
    let (message, problem) = match &*props.delivery.stage {
        Stage::Idle(message) => (message.as_str(), None),
        Stage::Busy => (props.making, None),
        Stage::Failed(problem) => ("", Some(problem.to_string())),
    };
    html! {
        <>
            <p id={props.id} class="hint" role="status">{ message }</p>
            if let Some(problem) = problem {
                <Alert text={problem} />
            }
            if let Some(question) = &*props.delivery.question {
                <ConfirmDialog title={text::replace_question(&question.name)}
                    body={text::replace_effect(&question.folder)} verb={text::REPLACE}
                    on_confirm={props.delivery.answer(question).reform(|()| true)}
                    on_cancel={props.delivery.answer(question).reform(|()| false)} />
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub delivery: Delivery,
}

/// The choice of destination; empty where the browser can't choose folders.
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
                { text::INTO_FOLDER }{ " " }<strong>{ folder.name() }</strong>{ " " }
                <button type="button" id="to-downloads" class="quiet" onclick={back}>
                    { text::USE_DOWNLOADS }
                </button>
            } else {
                <button type="button" id="choose-folder" class="quiet" onclick={choose}>
                    { text::CHOOSE_FOLDER }
                </button>
            }
        </p>
    }
}
