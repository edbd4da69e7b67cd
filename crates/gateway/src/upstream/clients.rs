//! Clients of the real API: one for each service, over two shared connections.

use std::path::Path;

use connectrpc::{
    Protocol,
    client::{ClientConfig, SharedHttp2Connection},
};
use keyside_iam::{common::OperationServiceClient, iam::*};

use super::connection::Connector;
use crate::{error::StartError, parsers::UpstreamAddress};

/// The service names in the API's host names.
const CONTROL_PLANE: &str = "cpl.iam";
const TOKENS: &str = "tokens.iam";

/// The clients.
pub struct Clients {
    pub auth_public_keys: AuthPublicKeyServiceClient<SharedHttp2Connection>,
    pub service_accounts: ServiceAccountServiceClient<SharedHttp2Connection>,
    pub groups: GroupServiceClient<SharedHttp2Connection>,
    pub group_memberships: GroupMembershipServiceClient<SharedHttp2Connection>,
    pub profile: ProfileServiceClient<SharedHttp2Connection>,
    pub tenants: TenantServiceClient<SharedHttp2Connection>,
    pub projects: ProjectServiceClient<SharedHttp2Connection>,
    pub operations: OperationServiceClient<SharedHttp2Connection>,
    pub tokens: TokenExchangeServiceClient<SharedHttp2Connection>,
    pub sessions: SessionManagementServiceClient<SharedHttp2Connection>,
}

impl Clients {
    /// Creates clients for the API at `address`. `extra_roots` is a PEM file of certificate authorities to
    /// trust in addition to the system's.
    ///
    /// # Errors
    /// Returns an error if TLS or the proxy can't be set up. Connection errors appear at the first call.
    pub fn new(address: &UpstreamAddress, extra_roots: Option<&Path>) -> Result<Self, StartError> {
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
        })
    }
}
