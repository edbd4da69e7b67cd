//! The seam between the wire and whoever answers: the embedded IAM now, the real API later.

use keyside_iam::{
    common::OperationService,
    iam::{
        AuthPublicKeyService, ProfileService, ProjectService, ServiceAccountService, TenantService,
        TokenExchangeService,
    },
};

/// All services of the IAM API from one value. Whatever implements the generated service traits
/// is a backend.
pub trait Backend:
    AuthPublicKeyService
    + ServiceAccountService
    + ProfileService
    + TenantService
    + ProjectService
    + TokenExchangeService
    + OperationService
{
}

impl<T> Backend for T where
    T: AuthPublicKeyService
        + ServiceAccountService
        + ProfileService
        + TenantService
        + ProjectService
        + TokenExchangeService
        + OperationService
{
}
