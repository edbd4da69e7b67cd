//! The real IAM API: forwards every call over gRPC with the caller's own token. It stores nothing, so any
//! number of gateways can run in parallel.

mod call;
mod connection;

use std::{path::Path, sync::Arc, time::Duration};

use connectrpc::{
    Encodable, ErrorCode, MaybeBorrowed, Protocol, RequestContext, ServiceRequest, ServiceResult,
    client::{CallOptions, ClientConfig, SharedHttp2Connection},
};
use keyside_iam::{
    common::*,
    iam::{oneof::get_profile_response::Profile, *},
};

pub use self::connection::tls_config;
use self::{call::Kind, connection::Connector};
use crate::{
    error::StartError,
    operate::{Operable, metrics::Metrics},
    parsers::UpstreamAddress,
};

/// Timeout of the readiness check.
const READY_TIMEOUT: Duration = Duration::from_secs(3);

/// The service names in the API's host names.
const CONTROL_PLANE: &str = "cpl.iam";
const TOKENS: &str = "tokens.iam";

/// Clients of the real API: one for each service, over two shared connections.
pub struct UpstreamIam {
    auth_public_keys: AuthPublicKeyServiceClient<SharedHttp2Connection>,
    service_accounts: ServiceAccountServiceClient<SharedHttp2Connection>,
    groups: GroupServiceClient<SharedHttp2Connection>,
    group_memberships: GroupMembershipServiceClient<SharedHttp2Connection>,
    profile: ProfileServiceClient<SharedHttp2Connection>,
    tenants: TenantServiceClient<SharedHttp2Connection>,
    projects: ProjectServiceClient<SharedHttp2Connection>,
    operations: OperationServiceClient<SharedHttp2Connection>,
    tokens: TokenExchangeServiceClient<SharedHttp2Connection>,
    sessions: SessionManagementServiceClient<SharedHttp2Connection>,
    metrics: Arc<Metrics>,
}

impl UpstreamIam {
    /// Creates clients for the API at `address`. `extra_roots` is a PEM file of certificate authorities to
    /// trust in addition to the system's.
    ///
    /// # Errors
    /// Returns an error if TLS or the proxy can't be set up. Connection errors appear at the first call.
    pub fn new(
        address: &UpstreamAddress,
        extra_roots: Option<&Path>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StartError> {
        let connector = Connector::new(extra_roots)?;
        let host = |service: &str| {
            let uri = address.service_uri(service)?;
            let config = ClientConfig::new(uri.clone()).with_protocol(Protocol::Grpc);
            Ok::<_, StartError>((connector.connection(&uri)?, config))
        };
        let (control, config) = host(CONTROL_PLANE)?;
        let (tokens, tokens_config) = host(TOKENS)?;
        Ok(Self {
            auth_public_keys: AuthPublicKeyServiceClient::new(control.clone(), config.clone()),
            service_accounts: ServiceAccountServiceClient::new(control.clone(), config.clone()),
            groups: GroupServiceClient::new(control.clone(), config.clone()),
            group_memberships: GroupMembershipServiceClient::new(control.clone(), config.clone()),
            profile: ProfileServiceClient::new(control.clone(), config.clone()),
            tenants: TenantServiceClient::new(control.clone(), config.clone()),
            projects: ProjectServiceClient::new(control.clone(), config.clone()),
            sessions: SessionManagementServiceClient::new(control.clone(), config.clone()),
            operations: OperationServiceClient::new(control, config),
            tokens: TokenExchangeServiceClient::new(tokens, tokens_config),
            metrics,
        })
    }

    fn control_host(&self) -> &str {
        self.profile.config().base_uri().host().unwrap_or_default()
    }
}

impl Operable for UpstreamIam {
    /// Calls the API without a token. Any answer, such as UNAUTHENTICATED, means that it's ready.
    async fn ready(&self) -> Result<(), String> {
        let options = CallOptions::default().with_timeout(READY_TIMEOUT);
        let answer = self
            .profile
            .get_with_options(GetProfileRequest::default(), options);
        match answer.await {
            Err(error) if call::is_transport(&error) || error.code == ErrorCode::Unavailable => {
                Err(call::caller_error(self.control_host(), error).to_string())
            }
            _ => Ok(()),
        }
    }

    async fn caller_id(&self, ctx: &RequestContext) -> Option<String> {
        let answer = call::forward(
            self.control_host(),
            &self.metrics,
            ctx,
            Kind::Read,
            |options| {
                self.profile
                    .get_with_options(GetProfileRequest::default(), options)
            },
        );
        let profile = answer.await.ok()?.body.to_owned_message().profile?;
        match profile {
            Profile::UserProfile(user) => Some(user.id),
            Profile::ServiceAccountProfile(account) => Some(account.info.metadata.id.clone()),
            Profile::AnonymousProfile(_) => None,
        }
    }
}

macro_rules! forward {
    ($service:ident by $client:ident {
        $($kind:ident $method:ident as $call:ident($request:ident) -> $answer:ident;)*
    }) => {
        impl $service for UpstreamIam {
            $(
                async fn $method<'a>(
                    &'a self,
                    ctx: RequestContext,
                    request: ServiceRequest<'_, $request>,
                ) -> ServiceResult<impl Encodable<$answer> + Send + use<'a>> {
                    let request = request.to_owned_message();
                    let host = self.$client.config().base_uri().host().unwrap_or_default();
                    call::forward(host, &self.metrics, &ctx, Kind::$kind, |options| {
                        self.$client.$call(request.clone(), options)
                    })
                    .await
                    .map(|answer| {
                        answer.map_body(|body| match call::is_json(&ctx) {
                            true => MaybeBorrowed::Owned(body.to_owned_message()),
                            false => MaybeBorrowed::Borrowed(body),
                        })
                    })
                }
            )*
        }
    };
}

forward!(AuthPublicKeyService by auth_public_keys {
    Change create as create_with_options(CreateAuthPublicKeyRequest) -> Operation;
    Read get as get_with_options(GetAuthPublicKeyRequest) -> AuthPublicKey;
    Read list as list_with_options(ListAuthPublicKeysRequest) -> ListAuthPublicKeysResponse;
    Read list_by_account as list_by_account_with_options(ListAuthPublicKeysByAccountRequest)
        -> ListAuthPublicKeysResponse;
    Change update as update_with_options(UpdateAuthPublicKeyRequest) -> Operation;
    Change activate as activate_with_options(ActivateAuthPublicKeyRequest) -> Operation;
    Change deactivate as deactivate_with_options(DeactivateAuthPublicKeyRequest) -> Operation;
    Change delete as delete_with_options(DeleteAuthPublicKeyRequest) -> Operation;
});

forward!(ServiceAccountService by service_accounts {
    Change create as create_with_options(CreateServiceAccountRequest) -> Operation;
    Read get as get_with_options(GetServiceAccountRequest) -> ServiceAccount;
    Read get_by_name as get_by_name_with_options(GetServiceAccountByNameRequest)
        -> ServiceAccount;
    Read list as list_with_options(ListServiceAccountsRequest) -> ListServiceAccountsResponse;
    Change update as update_with_options(UpdateServiceAccountRequest) -> Operation;
    Change delete as delete_with_options(DeleteServiceAccountRequest) -> Operation;
});

forward!(GroupService by groups {
    Read get as get_with_options(GetGroupRequest) -> Group;
    Read get_by_name as get_by_name_with_options(GetGroupByNameRequest) -> Group;
    Read list as list_with_options(ListGroupsRequest) -> ListGroupsResponse;
});

forward!(GroupMembershipService by group_memberships {
    Change create as create_with_options(CreateGroupMembershipRequest) -> Operation;
    Change delete as delete_with_options(DeleteGroupMembershipRequest) -> Operation;
    Read list_members as list_members_with_options(ListGroupMembershipsRequest)
        -> ListGroupMembershipsResponse;
    Read list_member_of as list_member_of_with_options(ListMemberOfRequest)
        -> ListMemberOfResponse;
});

forward!(ProfileService by profile {
    Read get as get_with_options(GetProfileRequest) -> GetProfileResponse;
});

forward!(TenantService by tenants {
    Read get as get_with_options(GetTenantRequest) -> Container;
    Read list as list_with_options(ListTenantsRequest) -> ListTenantsResponse;
});

forward!(ProjectService by projects {
    Read get as get_with_options(GetProjectRequest) -> Container;
    Read list as list_with_options(ListProjectsRequest) -> ListProjectsResponse;
});

forward!(OperationService by operations {
    Read get as get_with_options(GetOperationRequest) -> Operation;
    Read list as list_with_options(ListOperationsRequest) -> ListOperationsResponse;
});

forward!(SessionManagementService by sessions {
    Change revoke as revoke_with_options(RevokeSessionRequest) -> RevokeSessionResponse;
});

forward!(TokenExchangeService by tokens {
    Exchange exchange as exchange_with_options(ExchangeTokenRequest) -> CreateTokenResponse;
});
