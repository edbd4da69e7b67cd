//! The seam between the wire and whoever answers: the embedded IAM or the real API.

use keyside_iam::{
    common::OperationService,
    iam::{
        AuthPublicKeyService, GroupMembershipService, GroupService, ProfileService, ProjectService,
        ServiceAccountService, TenantService, TokenExchangeService,
    },
};

use crate::operate::Operated;

/// All services of the IAM API from one value, which tells of itself. Whatever implements these
/// traits is a backend.
pub trait Backend:
    Operated
    + AuthPublicKeyService
    + ServiceAccountService
    + GroupService
    + GroupMembershipService
    + ProfileService
    + TenantService
    + ProjectService
    + TokenExchangeService
    + OperationService
{
}

impl<T> Backend for T where
    T: Operated
        + AuthPublicKeyService
        + ServiceAccountService
        + GroupService
        + GroupMembershipService
        + ProfileService
        + TenantService
        + ProjectService
        + TokenExchangeService
        + OperationService
{
}
