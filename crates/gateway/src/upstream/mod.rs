//! The real IAM API: forwards every call over gRPC with the caller's own token. It stores nothing, so any
//! number of gateways can run in parallel.

mod all_keys;
mod authorization;
mod call;
mod clients;
mod connection;
mod facts;
mod own_token;

use std::{sync::Arc, time::Duration};

use connectrpc::{
    Encodable, ErrorCode, MaybeBorrowed, RequestContext, Response, ServiceRequest, ServiceResult,
    client::CallOptions,
};
use keyside_iam::{
    common::*,
    iam::*,
    token_exchange::{ACCESS_TOKEN_TYPE, SIGN_IN_CODE_TYPE},
};

pub use self::{
    all_keys::{Found, Reader},
    clients::Clients,
    connection::tls_config,
    own_token::{OwnToken, Source},
};
use self::{
    authorization::{Callers, Own},
    call::Kind,
};
use crate::{
    error::IamError,
    identity::{Identity, Person},
    operate::{Caller, Operable, key_gauges::KeyEnd, metrics::Metrics},
    own_token::{CommandLine, OwnTokenError, OwnTokenSource, PersonToken},
    policy::Facts,
    sign_in::{SESSION_LIFETIME_S, SignIn},
};

/// Timeout of the readiness check.
const READY_TIMEOUT: Duration = Duration::from_secs(3);

/// The real API.
pub struct UpstreamIam {
    clients: Clients,
    metrics: Arc<Metrics>,
    own: Option<Own>,
}

impl UpstreamIam {
    /// Forwards calls to the API of these clients.
    pub fn new(clients: Clients, metrics: Arc<Metrics>) -> Self {
        Self {
            clients,
            metrics,
            own: None,
        }
    }

    /// Makes the calls of callers who have signed in at the gateway with the token that a command prints.
    ///
    /// # Errors
    /// Returns an error if the command fails.
    pub async fn with_sign_in(
        self,
        sign_in: SignIn,
        command: CommandLine,
    ) -> Result<Self, OwnTokenError> {
        let callers = Callers::SignedInHere(Arc::new(sign_in));
        self.with_own_token(Source::Command(command), callers).await
    }

    /// Makes the calls of callers who have signed in at the gateway with the token of the person who has signed
    /// in at the issuer.
    pub fn with_person(mut self, sign_in: Arc<SignIn>, token: Arc<PersonToken>) -> Self {
        self.own = Some(Own {
            token: OwnToken::new(Source::Person(token)),
            callers: Callers::SignedInHere(sign_in),
        });
        self
    }

    /// Makes the calls of people who have signed in at a proxy with a token of the gateway's own.
    ///
    /// # Errors
    /// Returns an error if there is no token.
    pub async fn with_identity(
        self,
        identity: Identity,
        token: OwnTokenSource,
    ) -> Result<Self, OwnTokenError> {
        let source = Source::new(token, &self.clients);
        let callers = Callers::SignedInAtProxy(identity);
        self.with_own_token(source, callers).await
    }

    async fn with_own_token(
        mut self,
        source: Source,
        callers: Callers,
    ) -> Result<Self, OwnTokenError> {
        let token = OwnToken::new(source);
        token.authorization().await?;
        self.own = Some(Own { token, callers });
        Ok(self)
    }

    /// The person who makes the call, if people sign in at a proxy.
    async fn person(&self, ctx: &RequestContext) -> Result<Option<Person>, IamError> {
        match &self.own {
            Some(Own {
                callers: Callers::SignedInAtProxy(identity),
                ..
            }) => identity.person(ctx.headers()).await.map(Some),
            _ => Ok(None),
        }
    }

    fn control_host(&self) -> &str {
        self.clients
            .profile
            .config()
            .base_uri()
            .host()
            .unwrap_or_default()
    }
}

impl Operable for UpstreamIam {
    /// Calls the API without a token. Any answer, such as UNAUTHENTICATED, means that it's ready.
    async fn ready(&self) -> Result<(), String> {
        let options = CallOptions::default().with_timeout(READY_TIMEOUT);
        let answer = self
            .clients
            .profile
            .get_with_options(GetProfileRequest::default(), options);
        match answer.await {
            Err(error) if call::is_transport(&error) || error.code == ErrorCode::Unavailable => {
                Err(call::caller_error(self.control_host(), error).to_string())
            }
            _ => Ok(()),
        }
    }

    async fn caller(&self, ctx: &RequestContext) -> Option<Caller> {
        self.identify(ctx).await.ok()
    }

    async fn keys(&self) -> Option<Result<Vec<KeyEnd>, String>> {
        let own = self.own.as_ref()?;
        let read = async {
            let authorization = own.token.authorization().await;
            let reader = Reader {
                clients: &self.clients,
                authorization: authorization.map_err(|error| error.to_string())?,
            };
            let found = reader.keys().await.map_err(|error| error.to_string())?;
            Ok(found.iter().map(|found| KeyEnd::of(&found.key)).collect())
        };
        Some(read.await)
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
                    let host = self.clients.$client.config().base_uri().host().unwrap_or_default();
                    let own = self.own.as_ref();
                    call::forward(host, &self.metrics, own, &ctx, Kind::$kind, |options| {
                        self.clients.$client.$call(request.clone(), options)
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

impl ProfileService for UpstreamIam {
    /// The person, if people sign in at a proxy: the API only knows the gateway's own account.
    async fn get<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetProfileRequest>,
    ) -> ServiceResult<impl Encodable<GetProfileResponse> + Send + use<'a>> {
        if let Some(person) = self.person(&ctx).await? {
            return Response::ok(profile_of(person));
        }
        let (request, own) = (request.to_owned_message(), self.own.as_ref());
        let host = self.control_host();
        let answer = call::forward(host, &self.metrics, own, &ctx, Kind::Read, |options| {
            self.clients
                .profile
                .get_with_options(request.clone(), options)
        });
        Ok(answer.await?.map_body(|body| body.to_owned_message()))
    }
}

/// A person's profile. They have no account in a tenant: they see what the gateway's own account sees.
fn profile_of(person: Person) -> GetProfileResponse {
    let attributes = UserAttributes {
        name: person.name,
        email: person.email,
        ..Default::default()
    };
    let user = UserProfile {
        id: person.subject,
        attributes_optional: Some(attributes.into()),
        ..Default::default()
    };
    GetProfileResponse {
        profile: Some(user.into()),
        ..Default::default()
    }
}

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

impl TokenExchangeService for UpstreamIam {
    /// Exchanges a sign-in code for a session here; everything else is for the API.
    async fn exchange<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ExchangeTokenRequest>,
    ) -> ServiceResult<impl Encodable<CreateTokenResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        // Whatever is exchanged, only people who have signed in may call.
        self.person(&ctx).await?;
        if let Some(Own {
            callers: Callers::SignedInHere(sign_in),
            ..
        }) = &self.own
            && request.subject_token_type == SIGN_IN_CODE_TYPE
        {
            let redeem = async { sign_in.redeem(&request.subject_token) };
            let token = sign_in.with_failure_delay(&ctx, redeem).await?;
            return Response::ok(CreateTokenResponse {
                access_token: token,
                issued_token_type: ACCESS_TOKEN_TYPE.to_owned(),
                token_type: "Bearer".to_owned(),
                expires_in: SESSION_LIFETIME_S,
                ..Default::default()
            });
        }
        let host = self
            .clients
            .tokens
            .config()
            .base_uri()
            .host()
            .unwrap_or_default();
        let answer = call::forward(host, &self.metrics, None, &ctx, Kind::Exchange, |options| {
            self.clients
                .tokens
                .exchange_with_options(request.clone(), options)
        });
        Ok(answer.await?.map_body(|body| body.to_owned_message()))
    }
}
