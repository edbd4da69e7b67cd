//! `ProfileService`: the caller's profile.

use connectrpc::{Encodable, RequestContext, ServiceRequest, ServiceResult};
use keyside_iam::{
    MessageField,
    iam::{
        GetProfileRequest, GetProfileResponse, ProfileService, ServiceAccountProfile,
        UserAttributes, UserProfile, UserTenantInfo,
    },
};

use super::{
    EmbeddedIam,
    principal::{Principal, USER_NAME},
    service_accounts,
};

impl ProfileService for EmbeddedIam {
    async fn get<'a>(
        &'a self,
        ctx: RequestContext,
        _request: ServiceRequest<'_, GetProfileRequest>,
    ) -> ServiceResult<impl Encodable<GetProfileResponse> + Send + use<'a>> {
        let tenant_id = self.seed.tenant_id.clone();
        self.read(&ctx, move |db, call| {
            let profile = match &call.principal {
                Principal::User => UserProfile {
                    id: call.principal.id().to_owned(),
                    attributes_optional: UserAttributes {
                        name: Some(USER_NAME.to_owned()),
                        ..Default::default()
                    }
                    .into(),
                    tenants: vec![UserTenantInfo {
                        tenant_id,
                        tenant_user_account_id: call.principal.id().to_owned(),
                        ..Default::default()
                    }],
                    ..Default::default()
                }
                .into(),
                Principal::ServiceAccount(id) => ServiceAccountProfile {
                    info: MessageField::some(service_accounts::get(db, id)?),
                    ..Default::default()
                }
                .into(),
            };
            Ok(GetProfileResponse {
                profile,
                ..Default::default()
            })
        })
        .await
    }
}
