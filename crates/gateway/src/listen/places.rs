//! Limits connections in total, and so that a few callers can't use them all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    client::Client,
    limits::{CONNECTIONS, FREE_PER_HELD},
};

/// All places.
#[derive(Clone)]
pub struct Places {
    free: Arc<Semaphore>,
    /// How many each caller holds.
    held: Arc<Mutex<HashMap<Client, usize>>>,
    limits_callers: bool,
}

impl Places {
    /// `limits_callers` limits each caller's part. Proxies in front of the gateway need all places.
    pub fn new(limits_callers: bool) -> Self {
        Self {
            free: Arc::new(Semaphore::new(CONNECTIONS)),
            held: Arc::default(),
            limits_callers,
        }
    }

    /// Takes a place, unless none is left for this caller.
    pub fn take(&self, caller: Client) -> Option<Place> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let own = held.get(&caller).copied().unwrap_or_default();
        if self.limits_callers && own * FREE_PER_HELD >= self.free.available_permits() {
            return None;
        }
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        held.insert(caller, own + 1);
        Some(Place {
            places: self.clone(),
            caller,
            _permit: permit,
        })
    }

    /// Waits until all places are free again.
    pub async fn all_free(&self) {
        // The semaphore is never closed.
        let _ = self.free.acquire_many(CONNECTIONS as u32).await;
    }
}

/// A place that is taken; dropping it frees it.
pub struct Place {
    places: Places,
    caller: Client,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let held = &self.places.held;
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = held.get_mut(&self.caller) {
            *own -= 1;
            if *own == 0 {
                held.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(n: u8) -> Client {
        Client::at([192, 0, 2, n].into())
    }

    fn take_all(places: &Places, caller: Client) -> Vec<Place> {
        std::iter::from_fn(|| places.take(caller)).collect()
    }

    #[test]
    fn a_few_callers_cannot_take_all_places_and_places_are_freed() {
        let places = Places::new(true);
        let mut taken: Vec<_> = (0..6).map(|n| take_all(&places, client(n))).collect();
        assert_eq!(taken[0].len(), CONNECTIONS / 3);
        assert!(places.take(client(7)).is_some());
        taken[0].pop();
        drop(taken);
        assert!(places.held.lock().unwrap().is_empty());
        assert_eq!(take_all(&places, client(1)).len(), CONNECTIONS / 3);
    }

    #[test]
    fn a_proxy_may_take_all_places() {
        let places = Places::new(false);
        let taken = take_all(&places, client(1));
        assert_eq!(taken.len(), CONNECTIONS);
        assert!(places.take(client(2)).is_none());
    }
}
