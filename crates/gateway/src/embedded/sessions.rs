//! `SessionManagementService`: revokes access tokens.

use connectrpc::{Encodable, RequestContext, ServiceRequest, ServiceResult};
use keyside_iam::iam::{
    RevokeSessionRequest, RevokeSessionResponse, SessionManagementService,
    oneof::revoke_session_request::Revoke,
};
use rusqlite::Transaction;

use super::{
    EmbeddedIam,
    principal::{Call, Principal},
    service_accounts,
};
use crate::error::IamError;

/// The admin token and the sessions that it authenticates aren't stored, so they can't be revoked here.
const ADMIN_SESSIONS: &str = "The embedded IAM can't revoke the admin's sessions one by one. To end \
    them all, stop the gateway, delete the file admin-token (or change KEYSIDE_ADMIN_TOKEN), and \
    start it again.";

fn revoke(
    tx: &Transaction<'_>,
    call: &Call,
    request: RevokeSessionRequest,
) -> Result<RevokeSessionResponse, IamError> {
    let account = match (request.revoke, &call.principal) {
        (Some(Revoke::ServiceAccountId(id)), _) => {
            if call.principal.id() != id {
                call.require_admin()?;
            }
            service_accounts::get(tx, &id)?;
            id
        }
        (Some(Revoke::AllMyActive(true)), Principal::ServiceAccount(own)) => own.clone(),
        (Some(Revoke::AllMyActive(true)), Principal::User) => {
            return Err(IamError::Precondition(ADMIN_SESSIONS));
        }
        (Some(Revoke::TenantUserAccountId(_)), _) => {
            call.require_admin()?;
            return Err(IamError::Precondition(ADMIN_SESSIONS));
        }
        (Some(Revoke::AllMyActive(false)) | None, _) => {
            return Err(IamError::invalid(
                "revoke",
                "must say whose tokens to revoke",
            ));
        }
    };
    tx.execute(
        "DELETE FROM access_tokens WHERE service_account_id = ?1",
        (account,),
    )?;
    Ok(RevokeSessionResponse::default())
}

impl SessionManagementService for EmbeddedIam {
    async fn revoke<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, RevokeSessionRequest>,
    ) -> ServiceResult<impl Encodable<RevokeSessionResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.write(&ctx, move |tx, call| revoke(tx, call, request))
            .await
    }
}
