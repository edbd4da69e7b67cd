//! Admits calls: limits the rate of each caller and the number of concurrent calls.

use std::time::Instant;

use connectrpc::RequestContext;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    error::IamError,
    listen::{client::Client, limits, rate::Rate},
};

/// The limits for calls.
pub struct Admission {
    rate: Option<Rate>,
    /// One permit for each concurrent call.
    calls: Semaphore,
}

impl Admission {
    /// Allows each caller `per_second` calls per second; 0 means no limit.
    pub fn new(per_second: u32) -> Self {
        Self {
            rate: Rate::new(per_second),
            calls: Semaphore::new(limits::CALLS),
        }
    }

    /// Returns a permit to hold until the call is answered.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED if the caller exceeds its rate, UNAVAILABLE if too many calls are in flight.
    pub fn admit(&self, ctx: &RequestContext) -> Result<SemaphorePermit<'_>, IamError> {
        if let (Some(rate), Some(caller)) = (&self.rate, ctx.extensions().get::<Client>())
            && !rate.allows(*caller, Instant::now())
        {
            return Err(IamError::TooManyCalls(rate.per_second()));
        }
        self.calls.try_acquire().map_err(|_| IamError::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concurrent_calls_are_limited() {
        let admission = Admission::new(0);
        let ctx = RequestContext::new(Default::default());
        let permits: Vec<_> = (0..limits::CALLS).map(|_| admission.admit(&ctx)).collect();
        assert!(permits.iter().all(Result::is_ok));
        assert!(matches!(admission.admit(&ctx), Err(IamError::Busy)));
        drop(permits);
        assert!(admission.admit(&ctx).is_ok());
    }
}
