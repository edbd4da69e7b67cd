//! `GroupMembershipService`: the members of groups.

use connectrpc::{Encodable, RequestContext, ServiceRequest, ServiceResult};
use keyside_iam::{
    MessageField,
    common::{Operation, ResourceMetadata},
    iam::{
        CreateGroupMembershipRequest, DeleteGroupMembershipRequest, GroupMembership,
        GroupMembershipService, GroupMembershipSpec, GroupMembershipStatus,
        ListGroupMembershipsRequest, ListGroupMembershipsResponse, ListMemberOfRequest,
        ListMemberOfResponse,
    },
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::{
    EmbeddedIam, groups,
    ids::{new_id, prefix},
    metadata, operations,
    paging::{List, Page},
    principal::{Call, USER_ID, USER_NAME},
    service_accounts,
    time::Micros,
};
use crate::error::IamError;

const KIND: &str = "group membership";

fn from_row(db: &Connection, row: &Row<'_>) -> Result<GroupMembership, IamError> {
    let member_id: String = row.get("member_id")?;
    Ok(GroupMembership {
        metadata: MessageField::some(metadata::from_row(row)?),
        status: MessageField::some(GroupMembershipStatus {
            group_member_metadata: MessageField::some(member(db, &member_id)?),
            ..Default::default()
        }),
        spec: MessageField::some(GroupMembershipSpec {
            member_id,
            ..Default::default()
        }),
        ..Default::default()
    })
}

/// Reads the metadata of the account `id`.
///
/// # Errors
/// NOT_FOUND if there is no such account.
fn member(db: &Connection, id: &str) -> Result<ResourceMetadata, IamError> {
    if id == USER_ID {
        return Ok(ResourceMetadata {
            id: id.to_owned(),
            name: USER_NAME.to_owned(),
            ..Default::default()
        });
    }
    let account = service_accounts::get(db, id)?;
    Ok(account.metadata.into_option().unwrap_or_default())
}

/// Adds `member_id` to the group that `given` has as its parent.
///
/// # Errors
/// Returns an error if the database fails.
pub fn insert(
    tx: &Transaction<'_>,
    id: &str,
    given: &ResourceMetadata,
    member_id: &str,
    now: Micros,
) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO group_memberships
             (id, parent_id, name, labels, member_id, version, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6)",
        (
            id,
            &given.parent_id,
            &given.name,
            metadata::labels_json(given),
            member_id,
            now,
        ),
    )?;
    Ok(())
}

/// The ID of the membership of `member_id` in the group, if it's a member.
///
/// # Errors
/// Returns an error if the database fails.
pub fn find(db: &Connection, group_id: &str, member_id: &str) -> rusqlite::Result<Option<String>> {
    db.query_row(
        "SELECT id FROM group_memberships WHERE parent_id = ?1 AND member_id = ?2",
        (group_id, member_id),
        |row| row.get(0),
    )
    .optional()
}

fn create(
    tx: &Transaction<'_>,
    call: &Call,
    request: &CreateGroupMembershipRequest,
) -> Result<String, IamError> {
    let (given, member_id) = (&request.metadata, &request.spec.member_id);
    metadata::check_new(given)?;
    if member_id.is_empty() {
        return Err(IamError::invalid(
            "spec.member_id",
            "must be the ID of a service account or a tenant user account",
        ));
    }
    if request.revoke_after_hours != 0 {
        return Err(IamError::Unsupported("memberships that expire"));
    }
    let group = groups::get(tx, &given.parent_id)?;
    member(tx, member_id)?;
    if let Some(id) = find(tx, &given.parent_id, member_id)? {
        return Err(IamError::AlreadyMember {
            id,
            member: member_id.clone(),
            group: group.metadata.name.clone(),
        });
    }
    let id = new_id(prefix::GROUP_MEMBERSHIP)?;
    insert(tx, &id, given, member_id, call.now)?;
    Ok(id)
}

fn delete(tx: &Transaction<'_>, id: &str) -> Result<String, IamError> {
    match tx.execute("DELETE FROM group_memberships WHERE id = ?1", (id,))? {
        0 => Err(IamError::NotFound {
            kind: KIND,
            id: id.to_owned(),
        }),
        _ => Ok(id.to_owned()),
    }
}

impl GroupMembershipService for EmbeddedIam {
    async fn create<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateGroupMembershipRequest>,
    ) -> ServiceResult<impl Encodable<Operation> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.write(&ctx, move |tx, call| {
            call.require_admin()?;
            operations::run(tx, call, "Create group membership", &request, || {
                create(tx, call, &request)
            })
        })
        .await
    }

    async fn delete<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeleteGroupMembershipRequest>,
    ) -> ServiceResult<impl Encodable<Operation> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.write(&ctx, move |tx, call| {
            call.require_admin()?;
            operations::run(tx, call, "Delete group membership", &request, || {
                delete(tx, &request.id)
            })
        })
        .await
    }

    async fn list_members<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListGroupMembershipsRequest>,
    ) -> ServiceResult<impl Encodable<ListGroupMembershipsResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            let page = Page::new(request.page_size, &request.page_token, &request.filter)?;
            groups::get(db, &request.parent_id)?;
            let (memberships, next_page_token) =
                page.read(db, List::Members, &request.parent_id, |row| {
                    from_row(db, row)
                })?;
            Ok(ListGroupMembershipsResponse {
                memberships,
                next_page_token,
                ..Default::default()
            })
        })
        .await
    }

    async fn list_member_of<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListMemberOfRequest>,
    ) -> ServiceResult<impl Encodable<ListMemberOfResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.read(&ctx, move |db, call| {
            call.require_reader_or(&request.subject_id)?;
            let page = Page::new(request.page_size, &request.page_token, &request.filter)?;
            member(db, &request.subject_id)?;
            let (items, next_page_token) =
                page.read(db, List::GroupsOfMember, &request.subject_id, |row| {
                    groups::get(db, &row.get::<_, String>("parent_id")?)
                })?;
            Ok(ListMemberOfResponse {
                items,
                next_page_token,
                ..Default::default()
            })
        })
        .await
    }
}
