//! Parsers for untrusted input. They don't depend on the rest of the gateway, so that `crates/fuzz` can
//! compile these files alone.

mod host_name;
mod jwt;
mod origin;
pub mod private_material;
mod upstream_address;

pub use self::{
    host_name::HostName,
    jwt::{JwtError, UnverifiedJwt, decode_part},
    origin::Origin,
    upstream_address::{AddressError, UpstreamAddress, is_this_machine},
};
