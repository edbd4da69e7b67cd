//! Who may be answered now: a caller within its rate, and no more calls at once than can be held.

use std::time::Instant;

use connectrpc::RequestContext;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    error::IamError,
    listen::{client::Client, limits, rate::Rate},
};

/// The rate of each caller, and the calls that may be in flight.
pub struct Admission {
    rate: Option<Rate>,
    /// One permit for each call that may be answered at once.
    calls: Semaphore,
}

impl Admission {
    /// So many calls a second for each caller; 0: no limit.
    pub fn new(per_second: u32) -> Self {
        Self {
            rate: Rate::new(per_second),
            calls: Semaphore::new(limits::CALLS),
        }
    }

    /// A permit, to be held until the call is answered.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED for a caller beyond its rate, UNAVAILABLE when too many calls are being
    /// answered.
    pub fn admit(&self, ctx: &RequestContext) -> Result<SemaphorePermit<'_>, IamError> {
        if let (Some(rate), Some(Client(caller))) = (&self.rate, ctx.extensions().get())
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
    fn as_many_calls_as_can_be_held_are_answered_at_once() {
        let admission = Admission::new(0);
        let ctx = RequestContext::new(Default::default());
        let permits: Vec<_> = (0..limits::CALLS).map(|_| admission.admit(&ctx)).collect();
        assert!(permits.iter().all(Result::is_ok));
        assert!(matches!(admission.admit(&ctx), Err(IamError::Busy)));
        drop(permits);
        assert!(admission.admit(&ctx).is_ok());
    }
}
