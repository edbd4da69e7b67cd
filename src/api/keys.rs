//! Calls that read and change existing keys.

use keyside_iam::{
    common::Operation,
    iam::{
        AUTH_PUBLIC_KEY_SERVICE_ACTIVATE_SPEC, AUTH_PUBLIC_KEY_SERVICE_DEACTIVATE_SPEC,
        AUTH_PUBLIC_KEY_SERVICE_DELETE_SPEC, AUTH_PUBLIC_KEY_SERVICE_GET_SPEC,
        AUTH_PUBLIC_KEY_SERVICE_LIST_SPEC, ActivateAuthPublicKeyRequest, AuthPublicKey,
        DeactivateAuthPublicKeyRequest, DeleteAuthPublicKeyRequest, GetAuthPublicKeyRequest,
        ListAuthPublicKeysRequest, ListAuthPublicKeysResponse, RevokeSessionRequest,
        RevokeSessionResponse, SESSION_MANAGEMENT_SERVICE_REVOKE_SPEC,
        oneof::revoke_session_request::Revoke,
    },
    permissions::Action,
};

use super::{Api, Problem};

/// Page size of a project's key list: small, so that the first page arrives soon on a slow connection.
const PAGE_SIZE: i64 = 200;

/// A change of an existing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyChange {
    /// `AuthPublicKeyService/Activate`.
    Activate,
    /// `AuthPublicKeyService/Deactivate`.
    Deactivate,
    /// `AuthPublicKeyService/Delete`.
    Delete,
}

impl KeyChange {
    /// The action that a policy must allow.
    pub const fn needs(self) -> Action {
        match self {
            Self::Activate | Self::Deactivate => Action::Deactivate,
            Self::Delete => Action::Delete,
        }
    }
}

impl Api {
    /// One page of `AuthPublicKeyService/List` of a project: the keys, and the next page's token, which is
    /// empty after the last page.
    pub async fn keys_page(
        &self,
        project_id: &str,
        page_token: String,
    ) -> Result<(Vec<AuthPublicKey>, String), Problem> {
        let request = ListAuthPublicKeysRequest {
            parent_id: project_id.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
            ..Default::default()
        };
        let spec = AUTH_PUBLIC_KEY_SERVICE_LIST_SPEC;
        let response: ListAuthPublicKeysResponse = self.call(spec, &request, None).await?;
        Ok((response.items, response.next_page_token))
    }

    /// `AuthPublicKeyService/Get`.
    pub async fn key(&self, id: &str) -> Result<AuthPublicKey, Problem> {
        let request = GetAuthPublicKeyRequest {
            id: id.to_owned(),
            ..Default::default()
        };
        self.call(AUTH_PUBLIC_KEY_SERVICE_GET_SPEC, &request, None)
            .await
    }

    /// `SessionManagementService/Revoke`: ends all access tokens of a service account.
    pub async fn revoke_tokens(
        &self,
        service_account_id: &str,
        idempotency_key: &str,
    ) -> Result<(), Problem> {
        let request = RevokeSessionRequest {
            revoke: Some(Revoke::ServiceAccountId(service_account_id.to_owned())),
            ..Default::default()
        };
        let spec = SESSION_MANAGEMENT_SERVICE_REVOKE_SPEC;
        let _: RevokeSessionResponse = self.call(spec, &request, Some(idempotency_key)).await?;
        Ok(())
    }

    /// Whether the key doesn't exist; `false` if that can't be checked.
    pub async fn has_no_key(&self, id: &str) -> bool {
        matches!(self.key(id).await, Err(problem) if problem.is_not_found())
    }

    /// Activates, deactivates or deletes a key.
    pub async fn change_key(
        &self,
        id: &str,
        change: KeyChange,
        idempotency_key: &str,
    ) -> Result<Operation, Problem> {
        let id = id.to_owned();
        match change {
            KeyChange::Activate => {
                let request = ActivateAuthPublicKeyRequest {
                    id,
                    ..Default::default()
                };
                let spec = AUTH_PUBLIC_KEY_SERVICE_ACTIVATE_SPEC;
                self.call(spec, &request, Some(idempotency_key)).await
            }
            KeyChange::Deactivate => {
                let request = DeactivateAuthPublicKeyRequest {
                    id,
                    ..Default::default()
                };
                let spec = AUTH_PUBLIC_KEY_SERVICE_DEACTIVATE_SPEC;
                self.call(spec, &request, Some(idempotency_key)).await
            }
            KeyChange::Delete => {
                let request = DeleteAuthPublicKeyRequest {
                    id,
                    ..Default::default()
                };
                let spec = AUTH_PUBLIC_KEY_SERVICE_DELETE_SPEC;
                self.call(spec, &request, Some(idempotency_key)).await
            }
        }
    }
}
