//! What a decision needs to know from the backend.

use std::future::Future;

use connectrpc::{ConnectError, RequestContext};
use keyside_iam::iam::auth_public_key_status::State;

use super::Resource;
use crate::operate::Caller;

/// A group that an account is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub group_id: String,
    pub group_name: String,
}

/// Answers with the rights of the call's own caller; none if it isn't known.
pub trait Facts: Send + Sync + 'static {
    /// Who makes the call, or the answer to it if that isn't known. Guesses are delayed as in other calls.
    fn identify(
        &self,
        ctx: &RequestContext,
    ) -> impl Future<Output = Result<Caller, ConnectError>> + Send;

    /// The project and the account of an authorized key.
    fn of_key(
        &self,
        ctx: &RequestContext,
        id: &str,
    ) -> impl Future<Output = Option<Resource>> + Send;

    /// The project of a service account.
    fn project_of(
        &self,
        ctx: &RequestContext,
        account_id: &str,
    ) -> impl Future<Output = Option<String>> + Send;

    /// The states of a service account's keys.
    fn key_states(
        &self,
        ctx: &RequestContext,
        account_id: &str,
    ) -> impl Future<Output = Option<Vec<State>>> + Send;

    /// The name of a group.
    fn group_name(
        &self,
        ctx: &RequestContext,
        group_id: &str,
    ) -> impl Future<Output = Option<String>> + Send;

    /// The groups that an account is in.
    fn groups_of(
        &self,
        ctx: &RequestContext,
        account_id: &str,
    ) -> impl Future<Output = Option<Vec<Membership>>> + Send;
}
