//! What decisions by a policy need to know, asked of the API with the call's own rights.

use connectrpc::{ConnectError, RequestContext};
use keyside_iam::{
    MessageField,
    iam::{
        Account, GetAuthPublicKeyRequest, GetGroupRequest, GetProfileRequest,
        GetServiceAccountRequest, ListAuthPublicKeysByAccountRequest, ListMemberOfRequest,
        auth_public_key_status::State, oneof::get_profile_response::Profile,
    },
};

use super::{
    UpstreamIam,
    call::{self, Kind},
};
use crate::{
    error::IamError,
    operate::Caller,
    policy::{Facts, Membership, Resource},
};

/// More keys or groups than an account has.
const PAGE_SIZE: i64 = 1000;

/// Asks the API with a read of `$client`.
macro_rules! ask {
    ($iam:ident, $ctx:ident, $client:ident.$method:ident($request:expr)) => {{
        let own = $iam.own.as_ref();
        let request = $request;
        let answer = call::forward(
            $iam.control_host(),
            &$iam.metrics,
            own,
            $ctx,
            Kind::Read,
            |options| $iam.clients.$client.$method(request.clone(), options),
        );
        answer.await.ok()?.body.to_owned_message()
    }};
}

impl Facts for UpstreamIam {
    async fn identify(&self, ctx: &RequestContext) -> Result<Caller, ConnectError> {
        if let Some(person) = self.person(ctx).await? {
            return Ok(Caller {
                id: person.subject,
                email: person.email,
                groups: person.groups,
            });
        }
        let answer = call::forward(
            self.control_host(),
            &self.metrics,
            self.own.as_ref(),
            ctx,
            Kind::Read,
            |options| {
                self.clients
                    .profile
                    .get_with_options(GetProfileRequest::default(), options)
            },
        );
        match answer.await?.body.to_owned_message().profile {
            Some(Profile::UserProfile(user)) => Ok(Caller::account(user.id)),
            Some(Profile::ServiceAccountProfile(account)) => {
                Ok(Caller::account(account.info.metadata.id.clone()))
            }
            Some(Profile::AnonymousProfile(_)) | None => Err(IamError::BadToken.into()),
        }
    }

    async fn of_key(&self, ctx: &RequestContext, id: &str) -> Option<Resource> {
        let key = ask!(
            self,
            ctx,
            auth_public_keys.get_with_options(GetAuthPublicKeyRequest {
                id: id.to_owned(),
                ..Default::default()
            })
        );
        Some(Resource {
            project: Some(key.metadata.parent_id.clone()),
            account: key.spec.account.service_account_id().map(str::to_owned),
        })
    }

    async fn project_of(&self, ctx: &RequestContext, account_id: &str) -> Option<String> {
        let account = ask!(
            self,
            ctx,
            service_accounts.get_with_options(GetServiceAccountRequest {
                id: account_id.to_owned(),
                ..Default::default()
            })
        );
        Some(account.metadata.parent_id.clone())
    }

    async fn key_states(&self, ctx: &RequestContext, account_id: &str) -> Option<Vec<State>> {
        let keys = ask!(
            self,
            ctx,
            auth_public_keys.list_by_account_with_options(ListAuthPublicKeysByAccountRequest {
                account: MessageField::some(Account::of_service_account(account_id)),
                page_size: PAGE_SIZE,
                ..Default::default()
            })
        );
        // A state of a later version may be like an active one.
        let states = keys
            .items
            .iter()
            .map(|key| key.status.state.as_known().unwrap_or(State::ACTIVE));
        let states = states.collect();
        keys.next_page_token.is_empty().then_some(states)
    }

    async fn group_name(&self, ctx: &RequestContext, group_id: &str) -> Option<String> {
        let group = ask!(
            self,
            ctx,
            groups.get_with_options(GetGroupRequest {
                id: group_id.to_owned(),
                ..Default::default()
            })
        );
        Some(group.metadata.name.clone())
    }

    async fn groups_of(&self, ctx: &RequestContext, account_id: &str) -> Option<Vec<Membership>> {
        let groups = ask!(
            self,
            ctx,
            group_memberships.list_member_of_with_options(ListMemberOfRequest {
                subject_id: account_id.to_owned(),
                page_size: PAGE_SIZE,
                ..Default::default()
            })
        );
        let is_complete = groups.next_page_token.is_empty();
        let groups = groups.items.into_iter().map(|group| Membership {
            group_id: group.metadata.id.clone(),
            group_name: group.metadata.name.clone(),
        });
        let groups = groups.collect();
        is_complete.then_some(groups)
    }
}
