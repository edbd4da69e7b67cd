//! Saves files: to the downloads or into a folder, in the clear or under a passphrase.

mod destination;
mod folder;
mod passphrase;
pub mod save;

pub use destination::{Delivery, DeliveryStatus, Destination, use_delivery};
pub use passphrase::{PassphraseFields, wished};
