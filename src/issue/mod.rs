//! A new authorized key in one go: makes the pair, uploads the public key, proves that it works. What
//! was reached stays, and a later try goes on from there.

use std::rc::Rc;

use keyside_engine::{
    EngineError, KeyWorker,
    message::{Progress, PublicHalf},
};
use keyside_keygen::KeySize;
use yew::prelude::*;

use crate::{
    api::{Api, Endpoint, KeyOrder, Problem},
    state::Uploaded,
    ui::{Alert, ProblemView},
    upload::AttemptSlot,
    verify::{self, Outcome, try_out},
};

/// What there is of the new key.
#[derive(Clone, PartialEq, Default)]
pub struct Issued {
    /// The pair was made.
    pub half: Option<PublicHalf>,
    /// It was uploaded.
    pub uploaded: Option<Uploaded>,
    /// A proof was taken; for how many seconds its token would live.
    pub lifetime_s: Option<i64>,
}

/// Where the work is.
#[derive(Clone, Copy, PartialEq)]
pub enum Stage {
    /// The pair is being made.
    Generating(Progress),
    /// The public key is on its way.
    Uploading,
    /// A proof is being exchanged.
    Proving,
}

/// Why the work stopped.
#[derive(Clone, PartialEq)]
pub enum Stopped {
    /// There is no pair.
    NoPair(EngineError),
    /// The upload failed.
    NotUploaded(Problem),
    /// The key is there, but the proof failed.
    NotProven(Outcome),
}

impl Stopped {
    /// In words, with what may be tried.
    pub fn told(&self) -> Html {
        match self {
            Self::NoPair(error) => html! { <Alert text={error.to_string()} /> },
            Self::NotUploaded(problem) => html! {
                <ProblemView problem={problem.clone()}>
                    <p>{ "The pair is still here." }</p>
                </ProblemView>
            },
            Self::NotProven(outcome) => verify::told(outcome),
        }
    }

    /// In one line, for a table.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::NoPair(error) => error.to_string(),
            Self::NotUploaded(problem) | Self::NotProven(Outcome::Refused(problem)) => {
                problem.to_string()
            }
            Self::NotProven(Outcome::NotSigned(why)) => why.clone(),
            Self::NotProven(Outcome::Works { .. }) => String::new(),
        }
    }
}

/// Who works on it.
#[derive(Clone, PartialEq)]
pub struct Hands {
    /// Makes and holds the pair.
    pub worker: KeyWorker,
    /// Uploads.
    pub api: Api,
    /// For the proof, which is given without the admin's token.
    pub endpoint: Endpoint,
}

impl Hands {
    /// Does what is missing. `order` is without its public key, which the pair gives; `attempt` is the
    /// pair's; `tell` hears each stage.
    ///
    /// # Errors
    /// With what was reached: the same call goes on from it.
    pub async fn issue(
        &self,
        order: KeyOrder,
        attempt: &AttemptSlot,
        mut issued: Issued,
        tell: Rc<dyn Fn(Stage)>,
    ) -> (Issued, Option<Stopped>) {
        let half = match &issued.half {
            Some(half) => half.clone(),
            None => {
                let on_progress = {
                    let tell = Rc::clone(&tell);
                    Rc::new(move |progress| tell(Stage::Generating(progress)))
                };
                tell(Stage::Generating(Progress::default()));
                match self.worker.generate(KeySize::Rsa4096, on_progress).await {
                    Ok(half) => half,
                    Err(error) => return (issued, Some(Stopped::NoPair(error))),
                }
            }
        };
        issued.half = Some(half.clone());
        let uploaded = match issued.uploaded.clone() {
            Some(uploaded) => uploaded,
            None => {
                tell(Stage::Uploading);
                let order = KeyOrder {
                    public_pem: half.public_pem,
                    ..order
                };
                let Some(mut attempt_now) = attempt.take() else {
                    // It is under way already.
                    return (issued, None);
                };
                let sent = attempt_now.send(&self.api, order).await;
                attempt.put_back(attempt_now);
                match sent {
                    Ok(uploaded) => uploaded,
                    Err(problem) => return (issued, Some(Stopped::NotUploaded(problem))),
                }
            }
        };
        issued.uploaded = Some(uploaded.clone());
        tell(Stage::Proving);
        match try_out(&self.worker, &self.endpoint, uploaded).await {
            Outcome::Works { lifetime_s, .. } => {
                issued.lifetime_s = Some(lifetime_s);
                (issued, None)
            }
            outcome => (issued, Some(Stopped::NotProven(outcome))),
        }
    }
}
