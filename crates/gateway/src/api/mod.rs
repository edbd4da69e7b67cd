//! Serves the IAM API over Connect, gRPC and gRPC-Web from a [`Backend`].

mod admission;
mod backend;
mod cross_origin;
mod finished_changes;
mod interceptor;
mod key_lifetime;
mod policy;
mod record;
mod request_id;

use std::sync::Arc;

use axum::{Router, middleware};
use connectrpc::{ConnectRpcService, DeadlinePolicy, Limits};
use keyside_iam::{
    common::{OPERATION_SERVICE_SERVICE_NAME, OperationServiceExt},
    iam::{
        AUTH_PUBLIC_KEY_SERVICE_SERVICE_NAME, AuthPublicKeyServiceExt,
        GROUP_MEMBERSHIP_SERVICE_SERVICE_NAME, GROUP_SERVICE_SERVICE_NAME,
        GroupMembershipServiceExt, GroupServiceExt, PROFILE_SERVICE_SERVICE_NAME,
        PROJECT_SERVICE_SERVICE_NAME, ProfileServiceExt, ProjectServiceExt,
        SERVICE_ACCOUNT_SERVICE_SERVICE_NAME, SESSION_MANAGEMENT_SERVICE_SERVICE_NAME,
        ServiceAccountServiceExt, SessionManagementServiceExt, TENANT_SERVICE_SERVICE_NAME,
        TOKEN_EXCHANGE_SERVICE_SERVICE_NAME, TenantServiceExt, TokenExchangeServiceExt,
    },
};

pub use self::{
    admission::Admission, backend::Backend, interceptor::CallInterceptor, policy::Gate,
};
use crate::{listen::limits, parsers::Origin};

const SERVICES: [&str; 10] = [
    AUTH_PUBLIC_KEY_SERVICE_SERVICE_NAME,
    SERVICE_ACCOUNT_SERVICE_SERVICE_NAME,
    GROUP_SERVICE_SERVICE_NAME,
    GROUP_MEMBERSHIP_SERVICE_SERVICE_NAME,
    PROFILE_SERVICE_SERVICE_NAME,
    TENANT_SERVICE_SERVICE_NAME,
    PROJECT_SERVICE_SERVICE_NAME,
    TOKEN_EXCHANGE_SERVICE_SERVICE_NAME,
    SESSION_MANAGEMENT_SERVICE_SERVICE_NAME,
    OPERATION_SERVICE_SERVICE_NAME,
];

/// Routes `/<service>/<method>` of every service to `backend` through `interceptor`. Pages of `origins`
/// may call it, too.
pub fn router<B: Backend>(
    backend: Arc<B>,
    interceptor: CallInterceptor<B>,
    origins: Vec<Origin>,
) -> Router {
    let rpc = connectrpc::Router::new();
    let rpc = AuthPublicKeyServiceExt::register(Arc::clone(&backend), rpc);
    let rpc = ServiceAccountServiceExt::register(Arc::clone(&backend), rpc);
    let rpc = GroupServiceExt::register(Arc::clone(&backend), rpc);
    let rpc = GroupMembershipServiceExt::register(Arc::clone(&backend), rpc);
    let rpc = ProfileServiceExt::register(Arc::clone(&backend), rpc);
    let rpc = TenantServiceExt::register(Arc::clone(&backend), rpc);
    let rpc = ProjectServiceExt::register(Arc::clone(&backend), rpc);
    let rpc = TokenExchangeServiceExt::register(Arc::clone(&backend), rpc);
    let rpc = SessionManagementServiceExt::register(Arc::clone(&backend), rpc);
    let rpc = OperationServiceExt::register(backend, rpc);
    let service = ConnectRpcService::new(rpc)
        .with_limits(
            Limits::default()
                .with_max_request_body_size(limits::BODY_BYTES)
                .with_max_message_size(limits::BODY_BYTES),
        )
        .with_deadline_policy(
            DeadlinePolicy::new()
                .with_max(limits::CALL)
                .with_default_timeout(limits::CALL),
        )
        .with_interceptor(interceptor);
    SERVICES
        .iter()
        .fold(Router::new(), |router, name| {
            router.route_service(&format!("/{name}/{{method}}"), service.clone())
        })
        .layer(middleware::from_fn(finished_changes::finish))
        .layer(middleware::from_fn(request_id::tag))
        .layer(cross_origin::allow(origins))
}
