//! The calls that the page makes, each to its end: lists are read through all their pages.

use buffa::Message;
use connectrpc::{
    Protocol, Spec,
    client::{CallOptions, ClientConfig},
};
use keyside_iam::{
    MessageField, Timestamp,
    common::{GetOperationRequest, OPERATION_SERVICE_GET_SPEC, Operation, ResourceMetadata},
    iam::{
        AUTH_PUBLIC_KEY_SERVICE_CREATE_SPEC, AUTH_PUBLIC_KEY_SERVICE_LIST_BY_ACCOUNT_SPEC,
        AUTH_PUBLIC_KEY_SERVICE_SERVICE_NAME, Account, AuthPublicKey, AuthPublicKeySpec, Container,
        CreateAuthPublicKeyRequest, CreateServiceAccountRequest, CreateTokenResponse,
        ExchangeTokenRequest, GetProfileRequest, GetProfileResponse, GetServiceAccountRequest,
        ListAuthPublicKeysByAccountRequest, ListAuthPublicKeysResponse, ListProjectsRequest,
        ListProjectsResponse, ListServiceAccountsRequest, ListServiceAccountsResponse,
        ListTenantsRequest, ListTenantsResponse, PROFILE_SERVICE_GET_SPEC,
        PROJECT_SERVICE_LIST_SPEC, SERVICE_ACCOUNT_SERVICE_CREATE_SPEC,
        SERVICE_ACCOUNT_SERVICE_GET_SPEC, SERVICE_ACCOUNT_SERVICE_LIST_SPEC, ServiceAccount,
        ServiceAccountSpec, TENANT_SERVICE_LIST_SPEC, TOKEN_EXCHANGE_SERVICE_EXCHANGE_SPEC,
        oneof::{get_profile_response::Profile, user_profile::AttributesOptional},
    },
    token_exchange::{ACCESS_TOKEN_TYPE, GRANT_TYPE, JWT_TYPE},
};

use yew::Callback;

use super::{Endpoint, Problem, call::call};
use crate::text::api as text;

/// Rows a call asks for. Far fewer calls than with the API's default of 10.
pub(super) const PAGE_SIZE: i64 = 500;

/// The API at one base address, for one caller. Has no Debug: it holds the access token.
#[derive(Clone)]
pub struct Api {
    base: String,
    pub(super) config: ClientConfig,
    on_unauthenticated: Callback<()>,
}

impl PartialEq for Api {
    /// The same address and protocol; tokens are not compared.
    fn eq(&self, other: &Self) -> bool {
        self.base == other.base && self.config.protocol() == other.config.protocol()
    }
}

/// Who the access token belongs to.
#[derive(Clone, PartialEq)]
pub enum Who {
    /// A person: name to show, and the tenants they are in.
    User {
        /// Name, e-mail or id.
        name: String,
        /// Where, and as whom.
        tenants: Vec<TenantMembership>,
    },
    /// A service account.
    ServiceAccount(Box<ServiceAccount>),
}

/// A person's place in a tenant.
#[derive(Clone, PartialEq)]
pub struct TenantMembership {
    /// The tenant's id.
    pub tenant_id: String,
    /// The tenant user account's id: what is in groups. May be empty.
    pub account_id: String,
}

/// A new authorized key, as the person asked for it.
#[derive(Clone, PartialEq)]
pub struct KeyOrder {
    /// The project of the service account.
    pub project_id: String,
    /// Whose key it will be.
    pub service_account_id: String,
    /// May be empty.
    pub description: String,
    /// `None`: never.
    pub expires_at: Option<Timestamp>,
    /// SPKI PEM. There is no field for anything private.
    pub public_pem: String,
}

impl KeyOrder {
    fn to_message(&self) -> CreateAuthPublicKeyRequest {
        CreateAuthPublicKeyRequest {
            metadata: MessageField::some(ResourceMetadata {
                parent_id: self.project_id.clone(),
                ..Default::default()
            }),
            spec: MessageField::some(AuthPublicKeySpec {
                account: MessageField::some(Account::of_service_account(
                    self.service_account_id.clone(),
                )),
                expires_at: self.expires_at.clone().into(),
                description: self.description.clone(),
                data: self.public_pem.clone(),
                ..Default::default()
            }),
            ..Default::default()
        }
    }
}

/// A request as it will be sent, but for the headers that are secret or random.
pub struct KeyRequest {
    /// Where to.
    pub url: String,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// All of it.
    pub body: Vec<u8>,
    /// Whether five bytes of gRPC-Web's come before the message.
    pub is_framed: bool,
}

/// Reads a list through its pages: `$request` takes a page token.
macro_rules! all_pages {
    ($api:expr, $spec:expr, $answer:ty, $request:expr) => {{
        let mut items = Vec::new();
        let request = |page_token| $request(page_token).encode_to_vec();
        let mut take = |answer: &[u8]| {
            let answer: $answer = $crate::api::call::read(answer)?;
            items.extend(answer.items);
            Ok(answer.next_page_token)
        };
        let read = $crate::api::call::call_all(&$api.config, $spec, &request, &mut take).await;
        $api.checked(read.map(|()| items))
    }};
}

pub(super) use all_pages;

impl Api {
    /// Without a token only the token exchange can be asked.
    ///
    /// # Errors
    /// When the address or the token cannot be used in a request.
    pub fn new(endpoint: &Endpoint, token: Option<&str>) -> Result<Self, Problem> {
        let uri = endpoint
            .base
            .trim_end_matches('/')
            .parse()
            .map_err(|_| Problem::Told(text::bad_base(&endpoint.base)))?;
        let mut config = ClientConfig::new(uri)
            .with_protocol(endpoint.protocol)
            .proto();
        if let Some(token) = token {
            let mut value = http::HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| Problem::Told(text::BAD_TOKEN.to_owned()))?;
            value.set_sensitive(true);
            config = config.with_default_header("authorization", value);
        }
        Ok(Self {
            base: endpoint.base.clone(),
            config,
            on_unauthenticated: Callback::noop(),
        })
    }

    /// Calls `on_unauthenticated` whenever the API no longer accepts the token.
    #[must_use]
    pub fn on_unauthenticated(self, on_unauthenticated: Callback<()>) -> Self {
        Self {
            on_unauthenticated,
            ..self
        }
    }

    /// An answer, after a look at whether the token was accepted.
    pub(super) fn checked<T>(&self, answer: Result<T, Problem>) -> Result<T, Problem> {
        if answer.as_ref().is_err_and(Problem::is_unauthenticated) {
            self.on_unauthenticated.emit(());
        }
        answer
    }

    /// Its absolute address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// `ProfileService/Get`.
    pub async fn who(&self) -> Result<Who, Problem> {
        let request = GetProfileRequest::default();
        let answer: GetProfileResponse = self.ask(PROFILE_SERVICE_GET_SPEC, &request).await?;
        match answer.profile {
            Some(Profile::UserProfile(user)) => {
                let name = match user.attributes_optional {
                    Some(AttributesOptional::Attributes(attributes)) => attributes
                        .name
                        .or(attributes.preferred_username)
                        .or(attributes.email)
                        .unwrap_or(user.id),
                    _ => user.id,
                };
                Ok(Who::User {
                    name,
                    tenants: user
                        .tenants
                        .into_iter()
                        .map(|tenant| TenantMembership {
                            tenant_id: tenant.tenant_id,
                            account_id: tenant.tenant_user_account_id,
                        })
                        .collect(),
                })
            }
            Some(Profile::ServiceAccountProfile(profile)) => {
                let info = profile.info.into_option().ok_or(Problem::Unreadable)?;
                Ok(Who::ServiceAccount(Box::new(info)))
            }
            Some(Profile::AnonymousProfile(_)) => Err(Problem::Told(text::ANONYMOUS.to_owned())),
            None => Err(Problem::Unreadable),
        }
    }

    /// `TenantService/List`.
    pub async fn tenants(&self) -> Result<Vec<Container>, Problem> {
        let request = |page_token| ListTenantsRequest {
            page_size: PAGE_SIZE,
            page_token,
            ..Default::default()
        };
        all_pages!(self, TENANT_SERVICE_LIST_SPEC, ListTenantsResponse, request)
    }

    /// `ProjectService/List` of one tenant.
    pub async fn projects(&self, tenant_id: &str) -> Result<Vec<Container>, Problem> {
        let request = |page_token| ListProjectsRequest {
            parent_id: tenant_id.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
            ..Default::default()
        };
        all_pages!(
            self,
            PROJECT_SERVICE_LIST_SPEC,
            ListProjectsResponse,
            request
        )
    }

    /// `ServiceAccountService/List` of one project.
    pub async fn service_accounts(&self, project_id: &str) -> Result<Vec<ServiceAccount>, Problem> {
        let request = |page_token| ListServiceAccountsRequest {
            parent_id: project_id.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
            ..Default::default()
        };
        all_pages!(
            self,
            SERVICE_ACCOUNT_SERVICE_LIST_SPEC,
            ListServiceAccountsResponse,
            request
        )
    }

    /// `ServiceAccountService/Get`.
    pub async fn service_account(&self, id: &str) -> Result<ServiceAccount, Problem> {
        let request = GetServiceAccountRequest {
            id: id.to_owned(),
            ..Default::default()
        };
        self.ask(SERVICE_ACCOUNT_SERVICE_GET_SPEC, &request).await
    }

    /// `ServiceAccountService/Create`.
    pub async fn create_service_account(
        &self,
        project_id: &str,
        name: &str,
        description: &str,
        idempotency_key: &str,
    ) -> Result<Operation, Problem> {
        let request = CreateServiceAccountRequest {
            metadata: MessageField::some(ResourceMetadata {
                parent_id: project_id.to_owned(),
                name: name.to_owned(),
                ..Default::default()
            }),
            spec: MessageField::some(ServiceAccountSpec {
                description: description.to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let spec = SERVICE_ACCOUNT_SERVICE_CREATE_SPEC;
        self.ask_once(spec, &request, idempotency_key).await
    }

    /// `AuthPublicKeyService/Create`.
    pub async fn create_key(
        &self,
        order: &KeyOrder,
        idempotency_key: &str,
    ) -> Result<Operation, Problem> {
        let spec = AUTH_PUBLIC_KEY_SERVICE_CREATE_SPEC;
        self.ask_once(spec, &order.to_message(), idempotency_key)
            .await
    }

    /// What [`Api::create_key`] sends.
    #[must_use]
    pub fn create_key_request(&self, order: &KeyOrder) -> KeyRequest {
        let message = order.to_message().encode_to_vec();
        let is_framed = self.config.protocol() != Protocol::Connect;
        let (content_type, body) = if is_framed {
            // Not compressed, and the length (gRPC over HTTP/2, length-prefixed messages).
            let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
            let prefix = [&[0], length.to_be_bytes().as_slice()].concat();
            ("application/grpc-web+proto", [prefix, message].concat())
        } else {
            ("application/proto", message)
        };
        KeyRequest {
            url: format!(
                "{}/{AUTH_PUBLIC_KEY_SERVICE_SERVICE_NAME}/Create",
                self.base.trim_end_matches('/')
            ),
            content_type,
            body,
            is_framed,
        }
    }

    /// `AuthPublicKeyService/ListByAccount`.
    pub async fn keys_of(&self, service_account_id: &str) -> Result<Vec<AuthPublicKey>, Problem> {
        let request = |page_token| ListAuthPublicKeysByAccountRequest {
            account: MessageField::some(Account::of_service_account(service_account_id)),
            page_size: PAGE_SIZE,
            page_token,
            ..Default::default()
        };
        all_pages!(
            self,
            AUTH_PUBLIC_KEY_SERVICE_LIST_BY_ACCOUNT_SPEC,
            ListAuthPublicKeysResponse,
            request
        )
    }

    /// `OperationService/Get`.
    pub async fn operation(&self, id: &str) -> Result<Operation, Problem> {
        let request = GetOperationRequest {
            id: id.to_owned(),
            ..Default::default()
        };
        self.ask(OPERATION_SERVICE_GET_SPEC, &request).await
    }

    /// `TokenExchangeService/Exchange`, without authorization. Gives how long the token would
    /// live, in seconds; the token itself is dropped here.
    pub async fn exchange(endpoint: &Endpoint, jwt: String) -> Result<i64, Problem> {
        let request = ExchangeTokenRequest {
            grant_type: GRANT_TYPE.to_owned(),
            requested_token_type: ACCESS_TOKEN_TYPE.to_owned(),
            subject_token_type: JWT_TYPE.to_owned(),
            subject_token: jwt,
            ..Default::default()
        };
        let answer: CreateTokenResponse = Self::new(endpoint, None)?
            .ask(TOKEN_EXCHANGE_SERVICE_EXCHANGE_SPEC, &request)
            .await
            .map_err(Problem::of_proof)?;
        if answer.access_token.is_empty() {
            return Err(Problem::Unreadable);
        }
        Ok(answer.expires_in)
    }

    pub(super) async fn ask<Answer: Message>(
        &self,
        spec: Spec,
        request: &impl Message,
    ) -> Result<Answer, Problem> {
        self.checked(call(&self.config, spec, request, CallOptions::default()).await)
    }

    /// Asks for a change that a repetition with the same key does not make again.
    pub(super) async fn ask_once(
        &self,
        spec: Spec,
        request: &impl Message,
        idempotency_key: &str,
    ) -> Result<Operation, Problem> {
        let options = CallOptions::default().with_header("x-idempotency-key", idempotency_key);
        self.checked(call(&self.config, spec, request, options).await)
    }
}
