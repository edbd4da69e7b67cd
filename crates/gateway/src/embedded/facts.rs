//! What decisions by a policy need to know.

use connectrpc::{ConnectError, RequestContext};
use keyside_iam::iam::auth_public_key_status::State;
use rusqlite::Connection;

use super::{EmbeddedIam, auth_public_keys, groups, service_accounts, time::Micros};
use crate::{
    error::IamError,
    operate::Caller,
    policy::{Facts, Membership, Resource},
};

impl EmbeddedIam {
    async fn fact<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, IamError> + Send + 'static,
    ) -> Option<T> {
        self.store.read(read).await.ok()
    }
}

impl Facts for EmbeddedIam {
    async fn identify(&self, ctx: &RequestContext) -> Result<Caller, ConnectError> {
        let call = self.authenticate(ctx).await?;
        Ok(Caller::account(call.principal.id()))
    }

    async fn of_key(&self, _: &RequestContext, id: &str) -> Option<Resource> {
        let id = id.to_owned();
        let key = self.fact(move |db| auth_public_keys::get(db, &id, Micros::now()));
        let key = key.await?;
        Some(Resource {
            project: Some(key.metadata.parent_id.clone()),
            account: key.spec.account.service_account_id().map(str::to_owned),
        })
    }

    async fn project_of(&self, _: &RequestContext, account_id: &str) -> Option<String> {
        let id = account_id.to_owned();
        let account = self.fact(move |db| service_accounts::get(db, &id)).await?;
        Some(account.metadata.parent_id.clone())
    }

    async fn key_states(&self, _: &RequestContext, account_id: &str) -> Option<Vec<State>> {
        let id = account_id.to_owned();
        self.fact(move |db| auth_public_keys::states(db, &id, Micros::now()))
            .await
    }

    async fn group_name(&self, _: &RequestContext, group_id: &str) -> Option<String> {
        let id = group_id.to_owned();
        let group = self.fact(move |db| groups::get(db, &id)).await?;
        Some(group.metadata.name.clone())
    }

    async fn groups_of(&self, _: &RequestContext, account_id: &str) -> Option<Vec<Membership>> {
        let id = account_id.to_owned();
        self.fact(move |db| {
            let mut query = db.prepare_cached(
                "SELECT groups.id, groups.name FROM group_memberships
                     JOIN groups ON groups.id = group_memberships.parent_id
                     WHERE group_memberships.member_id = ?1",
            )?;
            let rows = query.query_map((id,), |row| {
                Ok(Membership {
                    group_id: row.get(0)?,
                    group_name: row.get(1)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
