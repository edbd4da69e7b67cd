//! Saves files to the downloads or into a folder, unencrypted or with a passphrase.

mod destination;
mod folder;
mod passphrase;
pub mod save;

pub use destination::{Delivery, DeliveryStatus, Destination, use_delivery};
pub use passphrase::{PassphraseFields, entered_passphrase};
