//! Where files go: to the browser's downloads, or into a folder that was chosen; and what became of
//! the last one.

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

/// How far a file is.
#[derive(Clone, PartialEq)]
enum Stage {
    /// None is on its way, and what became of the last one, where the browser does not show it itself.
    Idle(String),
    Busy,
    Failed(EngineError),
}

const NOTHING: Stage = Stage::Idle(String::new());

/// Saves the files of a step, one after the other.
#[derive(Clone, PartialEq)]
pub struct Delivery {
    /// None: the downloads.
    folder: UseStateHandle<Option<Folder>>,
    stage: UseStateHandle<Stage>,
    /// Grows when another file is on its way.
    round: Rc<RefCell<u32>>,
    /// Grows when the files are of something else.
    subject: Rc<RefCell<u32>>,
    question: UseStateHandle<Option<Question>>,
}

/// Whether a file in a folder may be replaced.
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

/// Gives what saves files; they go to the downloads at first. A file that is on its way when
/// `of_what` changes counts for nothing then.
#[hook]
pub fn use_delivery<T: PartialEq + 'static>(of_what: T) -> Delivery {
    let delivery = Delivery {
        folder: use_state(|| None),
        stage: use_state(|| NOTHING),
        round: use_mut_ref(|| 0),
        subject: use_mut_ref(|| 0),
        question: use_state(|| None),
    };
    {
        let delivery = delivery.clone();
        use_effect_with(of_what, move |_| {
            delivery.stage.set(NOTHING);
            // Also when the step goes.
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
        let may_replace = || self.ask(name.to_owned(), folder.name());
        let saving = folder.save(blob, name, may_replace).await;
        saving.map_err(|_| fault(text::NOT_IN_FOLDER))
    }

    /// Asks whether a file may be replaced. Without an answer it may not.
    async fn ask(&self, name: String, folder: String) -> bool {
        let (answer, answered) = oneshot::channel();
        self.question.set(Some(Question {
            name,
            folder,
            answer: Rc::new(RefCell::new(Some(answer))),
        }));
        answered.await.unwrap_or(false)
    }

    fn answer(&self, question: &Question) -> Callback<bool> {
        let (asked, answer) = (self.question.clone(), Rc::clone(&question.answer));
        Callback::from(move |may_replace| {
            if let Some(answer) = answer.take() {
                // Nobody waits any more when this fails.
                let _ = answer.send(may_replace);
            }
            asked.set(None);
        })
    }

    /// Whether a file is on its way.
    pub fn is_busy(&self) -> bool {
        *self.stage == Stage::Busy
    }

    /// Tells of something else that failed.
    pub fn fail(&self, error: EngineError) {
        self.stage.set(Stage::Failed(error));
    }

    fn go_to(&self, folder: Option<Folder>) {
        self.folder.set(folder);
        self.stage.set(NOTHING);
    }

    /// Saves a text that is no secret.
    pub fn save_text(&self, name: &str, content: &str) {
        let blob = save::text_blob(content).ok_or_else(|| fault(keyside_engine::text::NO_FILE));
        self.save(name.to_owned(), Box::pin(async { blob }), Callback::noop());
    }

    /// Makes a file and saves it; `on_saved` is called once it was: a file that is there may be kept
    /// instead.
    pub fn save(&self, name: String, make: Making, on_saved: Callback<()>) {
        *self.round.borrow_mut() += 1;
        self.stage.set(Stage::Busy);
        // Another one may be chosen meanwhile.
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
                (Ok(_), None) => NOTHING,
                (Err(error), _) => Stage::Failed(error),
            });
        });
    }
}

/// A file that is being made.
pub type Making = Pin<Box<dyn Future<Output = Result<Blob, EngineError>>>>;

fn fault(words: &str) -> EngineError {
    EngineError::Failed(Fault::new(Code::NoFile, words))
}

/// Properties of [`DeliveryStatus`].
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
    let (told, problem) = match &*props.delivery.stage {
        Stage::Idle(said) => (said.as_str(), None),
        Stage::Busy => (props.making, None),
        Stage::Failed(problem) => ("", Some(problem.to_string())),
    };
    html! {
        <>
            <p id={props.id} class="hint" role="status">{ told }</p>
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

/// Properties of [`Destination`].
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
