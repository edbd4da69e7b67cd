//! Errors that the page gets from the workers.

use keyside_keygen::GenerateError;

use crate::{
    message::{Code, Fault},
    text,
};

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// The page ended the workers.
    #[error("{}", text::STOPPED)]
    Stopped,
    /// A worker didn't start, or ended unexpectedly.
    #[error("{}", text::WORKER_LOST)]
    Lost,
    /// The worker reported an error.
    #[error("{}", .0.message)]
    Failed(Fault),
}

impl EngineError {
    /// The kind of failure, for programs.
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
