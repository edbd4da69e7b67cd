//! The calls that the page makes. Lists are read to the last page.

use buffa::Message;
use connectrpc::Spec;
use gloo_net::http::Headers;
use keyside_iam::{
    MessageField, Timestamp,
    common::{GetOperationRequest, OPERATION_SERVICE_GET_SPEC, Operation, ResourceMetadata},
    iam::{
        AUTH_PUBLIC_KEY_SERVICE_CREATE_SPEC, AUTH_PUBLIC_KEY_SERVICE_LIST_BY_ACCOUNT_SPEC, Account,
        AuthPublicKey, AuthPublicKeySpec, Container, CreateAuthPublicKeyRequest,
        CreateServiceAccountRequest, CreateTokenResponse, ExchangeTokenRequest, GetProfileRequest,
        GetProfileResponse, GetServiceAccountRequest, ListAuthPublicKeysByAccountRequest,
        ListAuthPublicKeysResponse, ListProjectsRequest, ListProjectsResponse,
        ListServiceAccountsRequest, ListServiceAccountsResponse, ListTenantsRequest,
        ListTenantsResponse, PROFILE_SERVICE_GET_SPEC, PROJECT_SERVICE_LIST_SPEC,
        SERVICE_ACCOUNT_SERVICE_CREATE_SPEC, SERVICE_ACCOUNT_SERVICE_GET_SPEC,
        SERVICE_ACCOUNT_SERVICE_LIST_SPEC, ServiceAccount, ServiceAccountSpec,
        TENANT_SERVICE_LIST_SPEC, TOKEN_EXCHANGE_SERVICE_EXCHANGE_SPEC, UserTenantInfo,
        oneof::{get_profile_response::Profile, user_profile::AttributesOptional},
    },
    permissions,
    token_exchange::{ACCESS_TOKEN_TYPE, GRANT_TYPE, JWT_TYPE, SIGN_IN_CODE_TYPE},
};
use yew::Callback;
use zeroize::Zeroizing;

use super::{Endpoint, Problem, Protocol, unary};
use crate::text::api as text;

/// Page size of lists: far fewer calls than with the API's default of 10.
pub(super) const PAGE_SIZE: i64 = 500;

/// The API at one base address, for one caller. No `Debug`: it holds the access token.
#[derive(Clone)]
pub struct Api {
    base: String,
    protocol: Protocol,
    /// The `Authorization` header; without it, calls are anonymous.
    authorization: Option<String>,
    on_unauthenticated: Callback<()>,
}

impl PartialEq for Api {
    /// Compares address and protocol, not the token.
    fn eq(&self, other: &Self) -> bool {
        self.base == other.base && self.protocol == other.protocol
    }
}

/// The owner of an access token.
#[derive(Clone, PartialEq)]
pub enum Principal {
    /// A person: a display name and their tenants.
    User {
        /// Name, email address or ID.
        name: String,
        tenants: Vec<UserTenantInfo>,
    },
    ServiceAccount(Box<ServiceAccount>),
}

/// A request for a new authorized key.
#[derive(Clone, PartialEq)]
pub struct KeyOrder {
    /// The project of the service account.
    pub project_id: String,
    pub service_account_id: String,
    /// May be empty.
    pub description: String,
    /// Seconds since 1970, UTC; `None`: never.
    pub expires_s: Option<i64>,
    /// SPKI PEM. No field holds anything private.
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
                expires_at: self.expires_s.map(Timestamp::from_unix_secs).into(),
                description: self.description.clone(),
                data: self.public_pem.clone(),
                ..Default::default()
            }),
            ..Default::default()
        }
    }
}

/// A request to display, without its secret or random headers.
pub struct KeyRequest {
    pub url: String,
    /// `Content-Type`.
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// Whether a five-byte gRPC-Web header precedes the message.
    pub is_framed: bool,
}

impl Api {
    /// Without a token, only the token exchange can be called.
    ///
    /// # Errors
    /// If the token contains characters that no access token has.
    pub fn new(endpoint: &Endpoint, token: Option<&str>) -> Result<Self, Problem> {
        // A header can't contain other characters.
        if token.is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(Problem::Other(text::BAD_TOKEN.to_owned()));
        }
        Ok(Self {
            base: endpoint.base.clone(),
            protocol: endpoint.protocol,
            authorization: token.map(|token| format!("Bearer {token}")),
            on_unauthenticated: Callback::noop(),
        })
    }

    /// Calls `on_unauthenticated` whenever the API rejects the token.
    #[must_use]
    pub fn on_unauthenticated(self, on_unauthenticated: Callback<()>) -> Self {
        Self {
            on_unauthenticated,
            ..self
        }
    }

    /// The absolute base address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// `ProfileService/Get`, and the gateway's [`permissions::HEADER`].
    pub async fn profile(&self) -> Result<(Principal, Option<String>), Problem> {
        let request = GetProfileRequest::default();
        let (profile, headers) = self
            .answer(PROFILE_SERVICE_GET_SPEC, &request, None)
            .await?;
        Ok((principal(profile)?, headers.get(permissions::HEADER)))
    }

    /// `TenantService/List`.
    pub async fn tenants(&self) -> Result<Vec<Container>, Problem> {
        let request = |page_token| ListTenantsRequest {
            page_size: PAGE_SIZE,
            page_token,
            ..Default::default()
        };
        let page = |page: ListTenantsResponse| (page.items, page.next_page_token);
        self.list_all(TENANT_SERVICE_LIST_SPEC, request, page).await
    }

    /// `ProjectService/List` of one tenant.
    pub async fn projects(&self, tenant_id: &str) -> Result<Vec<Container>, Problem> {
        let request = |page_token| ListProjectsRequest {
            parent_id: tenant_id.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
            ..Default::default()
        };
        let page = |page: ListProjectsResponse| (page.items, page.next_page_token);
        self.list_all(PROJECT_SERVICE_LIST_SPEC, request, page)
            .await
    }

    /// `ServiceAccountService/List` of one project.
    pub async fn service_accounts(&self, project_id: &str) -> Result<Vec<ServiceAccount>, Problem> {
        let request = |page_token| ListServiceAccountsRequest {
            parent_id: project_id.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
            ..Default::default()
        };
        let page = |page: ListServiceAccountsResponse| (page.items, page.next_page_token);
        self.list_all(SERVICE_ACCOUNT_SERVICE_LIST_SPEC, request, page)
            .await
    }

    /// `ServiceAccountService/Get`.
    pub async fn service_account(&self, id: &str) -> Result<ServiceAccount, Problem> {
        let request = GetServiceAccountRequest {
            id: id.to_owned(),
            ..Default::default()
        };
        self.call(SERVICE_ACCOUNT_SERVICE_GET_SPEC, &request, None)
            .await
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
        self.call(spec, &request, Some(idempotency_key)).await
    }

    /// `AuthPublicKeyService/Create`.
    pub async fn create_key(
        &self,
        order: &KeyOrder,
        idempotency_key: &str,
    ) -> Result<Operation, Problem> {
        let spec = AUTH_PUBLIC_KEY_SERVICE_CREATE_SPEC;
        self.call(spec, &order.to_message(), Some(idempotency_key))
            .await
    }

    /// The request that [`Api::create_key`] sends.
    pub fn create_key_request(&self, order: &KeyOrder) -> KeyRequest {
        KeyRequest {
            url: unary::url(&self.base, AUTH_PUBLIC_KEY_SERVICE_CREATE_SPEC),
            content_type: self.protocol.content_type(),
            body: self.protocol.body(&order.to_message()),
            is_framed: self.protocol == Protocol::GrpcWeb,
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
        let page = |page: ListAuthPublicKeysResponse| (page.items, page.next_page_token);
        self.list_all(AUTH_PUBLIC_KEY_SERVICE_LIST_BY_ACCOUNT_SPEC, request, page)
            .await
    }

    /// `OperationService/Get`.
    pub async fn operation(&self, id: &str) -> Result<Operation, Problem> {
        let request = GetOperationRequest {
            id: id.to_owned(),
            ..Default::default()
        };
        self.call(OPERATION_SERVICE_GET_SPEC, &request, None).await
    }

    /// `TokenExchangeService/Exchange` of a JWT. Returns how long the token is valid, in seconds; the token
    /// itself is dropped here.
    pub async fn exchange(endpoint: &Endpoint, jwt: String) -> Result<i64, Problem> {
        let response = Self::exchanged(endpoint, JWT_TYPE, jwt, text::PROOF_REFUSED).await?;
        if response.access_token.is_empty() {
            return Err(Problem::Unreadable);
        }
        Ok(response.expires_in)
    }

    /// `TokenExchangeService/Exchange` of a code from a printed address; returns the access token.
    pub async fn exchange_code(
        endpoint: &Endpoint,
        code: &str,
    ) -> Result<Zeroizing<String>, Problem> {
        let code = code.to_owned();
        let response =
            Self::exchanged(endpoint, SIGN_IN_CODE_TYPE, code, text::CODE_REFUSED).await?;
        Ok(Zeroizing::new(response.access_token))
    }

    /// Without authorization. `rejection` is the summary if the API doesn't accept the token.
    async fn exchanged(
        endpoint: &Endpoint,
        token_type: &str,
        token: String,
        rejection: &str,
    ) -> Result<CreateTokenResponse, Problem> {
        let request = ExchangeTokenRequest {
            grant_type: GRANT_TYPE.to_owned(),
            requested_token_type: ACCESS_TOKEN_TYPE.to_owned(),
            subject_token_type: token_type.to_owned(),
            subject_token: token,
            ..Default::default()
        };
        let api = Self::new(endpoint, None)?;
        let response = api
            .call(TOKEN_EXCHANGE_SERVICE_EXCHANGE_SPEC, &request, None)
            .await;
        response.map_err(|problem| problem.with_rejection(rejection))
    }

    /// Calls a method. A retry with the same idempotency key doesn't repeat a change.
    pub(super) async fn call<Response: Message>(
        &self,
        spec: Spec,
        request: &impl Message,
        idempotency_key: Option<&str>,
    ) -> Result<Response, Problem> {
        let (response, _) = self.answer(spec, request, idempotency_key).await?;
        Ok(response)
    }

    /// Reads all pages of a list. `request` takes a page token; `page` returns a page's items and the next
    /// page's token, which is empty after the last page.
    pub(super) async fn list_all<Request: Message, Response: Message, Item>(
        &self,
        spec: Spec,
        request: impl Fn(String) -> Request,
        page: impl Fn(Response) -> (Vec<Item>, String),
    ) -> Result<Vec<Item>, Problem> {
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let (items, next) = page(self.call(spec, &request(page_token), None).await?);
            all.extend(items);
            if next.is_empty() {
                return Ok(all);
            }
            page_token = next;
        }
    }

    async fn answer<Response: Message>(
        &self,
        spec: Spec,
        request: &impl Message,
        idempotency_key: Option<&str>,
    ) -> Result<(Response, Headers), Problem> {
        let authorization = self.authorization.as_deref();
        let headers = [
            ("authorization", authorization),
            ("x-idempotency-key", idempotency_key),
        ];
        let headers: Vec<_> = headers
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let answer = unary::call(&self.base, self.protocol, spec, &headers, request).await;
        if answer.as_ref().is_err_and(Problem::is_unauthenticated) {
            self.on_unauthenticated.emit(());
        }
        answer
    }
}

/// Who the profile is of.
fn principal(response: GetProfileResponse) -> Result<Principal, Problem> {
    match response.profile {
        Some(Profile::UserProfile(user)) => {
            let name = match user.attributes_optional {
                Some(AttributesOptional::Attributes(attributes)) => attributes
                    .name
                    .or(attributes.preferred_username)
                    .or(attributes.email)
                    .unwrap_or(user.id),
                _ => user.id,
            };
            Ok(Principal::User {
                name,
                tenants: user.tenants,
            })
        }
        Some(Profile::ServiceAccountProfile(profile)) => {
            let info = profile.info.into_option().ok_or(Problem::Unreadable)?;
            Ok(Principal::ServiceAccount(Box::new(info)))
        }
        Some(Profile::AnonymousProfile(_)) => Err(Problem::Other(text::ANONYMOUS.to_owned())),
        None => Err(Problem::Unreadable),
    }
}
