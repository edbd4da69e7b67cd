//! `GroupService`: the tenant's default groups.

use connectrpc::{Encodable, RequestContext, ServiceRequest, ServiceResult};
use keyside_iam::{
    MessageField,
    iam::{
        GetGroupByNameRequest, GetGroupRequest, Group, GroupService, GroupSpec, GroupStatus,
        ListGroupsRequest, ListGroupsResponse, group_status::State,
    },
};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    EmbeddedIam, containers, metadata,
    paging::{List, Page},
};
use crate::error::IamError;

const KIND: &str = "group";

/// The group whose members may change everything.
pub const ADMINS: &str = "admins";

/// The groups that every tenant has.
pub const DEFAULT: [&str; 4] = ["auditors", "viewers", "editors", ADMINS];

/// Reads a group and counts its members.
pub fn from_row(db: &Connection, row: &Row<'_>) -> rusqlite::Result<Group> {
    let metadata = metadata::from_row(row)?;
    let (members, service_accounts): (i32, i32) = db
        .prepare_cached(
            "SELECT COUNT(*), COUNT(service_accounts.id)
                 FROM group_memberships LEFT JOIN service_accounts
                 ON service_accounts.id = group_memberships.member_id
                 WHERE group_memberships.parent_id = ?1",
        )?
        .query_row((&metadata.id,), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Group {
        metadata: MessageField::some(metadata),
        spec: MessageField::some(GroupSpec::default()),
        status: MessageField::some(GroupStatus {
            state: State::ACTIVE.into(),
            members_count: members,
            service_accounts_count: service_accounts,
            tenant_user_accounts_count: members - service_accounts,
            ..Default::default()
        }),
        ..Default::default()
    })
}

/// Reads the group `id`.
///
/// # Errors
/// NOT_FOUND if there is no such group.
pub fn get(db: &Connection, id: &str) -> Result<Group, IamError> {
    db.query_row("SELECT * FROM groups WHERE id = ?1", (id,), |row| {
        from_row(db, row)
    })
    .optional()?
    .ok_or_else(|| IamError::NotFound {
        kind: KIND,
        id: id.to_owned(),
    })
}

/// Whether the account `id` is in the admins group.
///
/// # Errors
/// Returns an error if the database fails.
pub fn is_admin(db: &Connection, id: &str) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM group_memberships JOIN groups
             ON groups.id = group_memberships.parent_id
             WHERE group_memberships.member_id = ?1 AND groups.name = ?2)",
    )?
    .query_row((id, ADMINS), |row| row.get(0))
}

impl GroupService for EmbeddedIam {
    async fn get<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetGroupRequest>,
    ) -> ServiceResult<impl Encodable<Group> + Send + use<'a>> {
        let id = request.id.to_owned();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            get(db, &id)
        })
        .await
    }

    async fn get_by_name<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetGroupByNameRequest>,
    ) -> ServiceResult<impl Encodable<Group> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            db.query_row(
                "SELECT * FROM groups WHERE parent_id = ?1 AND name = ?2",
                (&request.parent_id, &request.name),
                |row| from_row(db, row),
            )
            .optional()?
            .ok_or(IamError::NotFound {
                kind: KIND,
                id: request.name,
            })
        })
        .await
    }

    async fn list<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListGroupsRequest>,
    ) -> ServiceResult<impl Encodable<ListGroupsResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            let page = Page::new(request.page_size, &request.page_token, &request.filter)?;
            containers::get_any(db, &request.parent_id)?;
            let (items, next_page_token) =
                page.read(db, List::Groups, &request.parent_id, |row| {
                    from_row(db, row)
                })?;
            Ok(ListGroupsResponse {
                items,
                next_page_token,
                ..Default::default()
            })
        })
        .await
    }
}
