//! The interface of a backend: the embedded IAM or the real API.

use keyside_iam::{
    common::OperationService,
    iam::{
        AuthPublicKeyService, GroupMembershipService, GroupService, ProfileService, ProjectService,
        ServiceAccountService, SessionManagementService, TenantService, TokenExchangeService,
    },
};

use crate::{operate::Operable, policy::Facts};

/// All services of the IAM API, with readiness and caller identification. Implemented for every type
/// that implements these traits.
pub trait Backend:
    Operable
    + Facts
    + AuthPublicKeyService
    + ServiceAccountService
    + GroupService
    + GroupMembershipService
    + ProfileService
    + TenantService
    + ProjectService
    + TokenExchangeService
    + SessionManagementService
    + OperationService
{
}

impl<T> Backend for T where
    T: Operable
        + Facts
        + AuthPublicKeyService
        + ServiceAccountService
        + GroupService
        + GroupMembershipService
        + ProfileService
        + TenantService
        + ProjectService
        + TokenExchangeService
        + SessionManagementService
        + OperationService
{
}
