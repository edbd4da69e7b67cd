//! Creates an authorized key: generates the pair, uploads the public key and verifies it. After a failure,
//! a retry continues where the last attempt stopped.

use std::rc::Rc;

use keyside_engine::{
    EngineError, KeyWorker,
    message::{Progress, PublicHalf},
};
use keyside_keygen::KeySize;

use super::{
    ChosenAccount, Uploaded,
    proof::{Outcome, verify},
    upload::AttemptSlot,
};
use crate::{
    api::{Api, KeyOrder, Problem},
    session::WorkspaceHandle,
    text,
};

/// The settings of a key to create.
#[derive(Clone, PartialEq)]
pub struct Order {
    /// The service account; its project is looked up if unknown.
    pub account: ChosenAccount,
    /// May be empty.
    pub description: String,
    /// Seconds since 1970, UTC; `None`: never.
    pub expires_s: Option<i64>,
}

impl Order {
    /// The upload order for a public key; `None` if the project is unknown.
    pub fn of_key(&self, public_pem: &str) -> Option<KeyOrder> {
        Some(self.in_project(self.account.project_id.clone()?, public_pem))
    }

    fn in_project(&self, project_id: String, public_pem: &str) -> KeyOrder {
        KeyOrder {
            project_id,
            service_account_id: self.account.id.clone(),
            description: self.description.clone(),
            expires_s: self.expires_s,
            public_pem: public_pem.to_owned(),
        }
    }

    /// The upload order for a public key; looks up an unknown project.
    ///
    /// # Errors
    /// If the API refuses or doesn't answer.
    pub async fn look_up(&self, api: &Api, public_pem: &str) -> Result<KeyOrder, Problem> {
        let project_id = match &self.account.project_id {
            Some(id) => id.clone(),
            None => {
                let account = api.service_account(&self.account.id).await?;
                account.metadata.parent_id.clone()
            }
        };
        Ok(self.in_project(project_id, public_pem))
    }
}

/// Partial or complete result of creating a key.
#[derive(Clone, PartialEq, Default)]
pub struct Issued {
    /// The public part, after generation.
    pub half: Option<PublicHalf>,
    /// The authorized key, after the upload.
    pub uploaded: Option<Uploaded>,
    /// The outcome, after verification.
    pub proof: Option<Outcome>,
}

impl Issued {
    /// Whether the API accepted a proof by this key.
    pub fn is_verified(&self) -> bool {
        matches!(self.proof, Some(Outcome::Works { .. }))
    }
}

/// A stage of creating a key.
#[derive(Clone, Copy, PartialEq)]
pub enum Stage {
    Generating(Progress),
    Uploading,
    Verifying,
}

/// What to create.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    /// An authorized key for a public key from elsewhere, so that nothing can be verified.
    PublicKey,
    /// A verified key.
    Key,
}

/// Why an attempt stopped.
#[derive(Clone, PartialEq)]
pub enum Stopped {
    /// No key pair was generated.
    NoPair(EngineError),
    /// The upload failed.
    NotUploaded(Problem),
    /// The key was uploaded, but not verified.
    NotVerified(Outcome),
}

impl Stopped {
    /// The reason in one line, for a table.
    pub fn line(&self) -> String {
        match self {
            Self::NoPair(error) => error.to_string(),
            Self::NotUploaded(problem) | Self::NotVerified(Outcome::Refused(problem)) => {
                problem.line()
            }
            Self::NotVerified(Outcome::NotSigned(why)) => why.clone(),
            Self::NotVerified(Outcome::Works { .. }) => String::new(),
        }
    }

    /// Whether the API no longer accepts the access token.
    pub fn ends_session(&self) -> bool {
        matches!(self, Self::NotUploaded(problem) if problem.is_unauthenticated())
    }
}

/// Creates keys.
#[derive(Clone, PartialEq)]
pub struct Issuer {
    /// Generates and holds the key pairs.
    pub worker: KeyWorker,
    /// Provides the session that uploads.
    pub workspace: WorkspaceHandle,
}

impl Issuer {
    /// Runs the missing stages up to `goal`. `attempt` belongs to this pair; `on_stage` gets each stage. Without
    /// an order, nothing is uploaded: the pair's request is reviewed first, or it is used without an API.
    pub async fn issue(
        &self,
        goal: Goal,
        order: Option<&Order>,
        attempt: &AttemptSlot,
        mut issued: Issued,
        on_stage: Rc<dyn Fn(Stage)>,
    ) -> (Issued, Option<Stopped>) {
        let half = match &issued.half {
            Some(half) => half.clone(),
            None => match self.generate(&on_stage).await {
                Ok(half) => half,
                Err(error) => return (issued, Some(Stopped::NoPair(error))),
            },
        };
        issued.half = Some(half.clone());
        let uploaded = match (issued.uploaded.clone(), order) {
            (Some(uploaded), _) => uploaded,
            (None, None) => return (issued, None),
            (None, Some(order)) => {
                on_stage(Stage::Uploading);
                match self.upload(order, &half, attempt).await {
                    Ok(Some(uploaded)) => uploaded,
                    // Already in progress.
                    Ok(None) => return (issued, None),
                    Err(problem) => return (issued, Some(Stopped::NotUploaded(problem))),
                }
            }
        };
        issued.uploaded = Some(uploaded.clone());
        if goal == Goal::PublicKey {
            return (issued, None);
        }
        on_stage(Stage::Verifying);
        let outcome = self.verify(&uploaded).await;
        let is_verified = matches!(outcome, Outcome::Works { .. });
        issued.proof = Some(outcome.clone());
        let stopped = (!is_verified).then_some(Stopped::NotVerified(outcome));
        (issued, stopped)
    }

    async fn generate(&self, on_stage: &Rc<dyn Fn(Stage)>) -> Result<PublicHalf, EngineError> {
        let on_progress = {
            let on_stage = Rc::clone(on_stage);
            Rc::new(move |progress| on_stage(Stage::Generating(progress)))
        };
        on_stage(Stage::Generating(Progress::default()));
        self.worker.generate(KeySize::Rsa4096, on_progress).await
    }

    /// Uploads a public key, or completes an earlier attempt; `None` if one is already in progress.
    ///
    /// # Errors
    /// If the API refuses or doesn't answer; the call can be retried.
    async fn upload(
        &self,
        order: &Order,
        half: &PublicHalf,
        attempt: &AttemptSlot,
    ) -> Result<Option<Uploaded>, Problem> {
        let Some(session) = self.workspace.session().cloned() else {
            return Err(Problem::Other(text::SIGN_IN_FIRST.to_owned()));
        };
        let Some(mut now) = attempt.take() else {
            return Ok(None);
        };
        let sent = async {
            let order = order.look_up(&session.api, &half.public_pem).await?;
            now.send(&session.api, order).await
        };
        let sent = sent.await;
        attempt.put_back(now);
        sent.map(Some)
    }

    /// Verifies the key pair in the worker.
    pub async fn verify(&self, uploaded: &Uploaded) -> Outcome {
        match self.workspace.usable_endpoint().cloned() {
            Some(endpoint) => verify(&self.worker, &endpoint, uploaded, false).await,
            None => Outcome::NotSigned(text::SIGN_IN_FIRST.to_owned()),
        }
    }
}
