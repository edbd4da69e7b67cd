//! Errors on the page's side, and how a worker reports those of key generation.

use keyside_keygen::GenerateError;

use crate::{
    message::{Code, Fault},
    text,
};

/// Why the workers gave no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// The page ended the workers on request.
    #[error("{}", text::STOPPED)]
    Stopped,
    /// A worker did not start, or ended unasked.
    #[error("{}", text::WORKER_LOST)]
    Lost,
    /// The worker's own words.
    #[error("{}", .0.message)]
    Failed(Fault),
}

impl EngineError {
    /// The kind, for programs.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Stopped => Code::Aborted,
            Self::Lost => Code::WorkerLost,
            Self::Failed(fault) => fault.code,
        }
    }
}

impl From<GenerateError> for Fault {
    fn from(error: GenerateError) -> Self {
        let code = match error {
            GenerateError::Cancelled => Code::Aborted,
            GenerateError::Randomness => Code::Randomness,
            GenerateError::SelfCheck => Code::SelfCheck,
        };
        Self::new(code, error)
    }
}
