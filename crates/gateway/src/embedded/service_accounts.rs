//! `ServiceAccountService`.

use connectrpc::{Encodable, RequestContext, ServiceRequest, ServiceResult};
use keyside_iam::{
    MessageField,
    common::Operation,
    iam::{
        CreateServiceAccountRequest, DeleteServiceAccountRequest, GetServiceAccountByNameRequest,
        GetServiceAccountRequest, ListServiceAccountsRequest, ListServiceAccountsResponse,
        ServiceAccount, ServiceAccountService, ServiceAccountSpec, ServiceAccountStatus,
        UpdateServiceAccountRequest,
    },
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::{
    EmbeddedIam, containers,
    ids::{new_id, prefix},
    metadata, operations,
    paging::{List, Page},
    principal::Call,
};
use crate::error::IamError;

const KIND: &str = "service account";

fn from_row(row: &Row<'_>) -> rusqlite::Result<ServiceAccount> {
    Ok(ServiceAccount {
        metadata: MessageField::some(metadata::from_row(row)?),
        spec: MessageField::some(ServiceAccountSpec {
            description: row.get("description")?,
            ..Default::default()
        }),
        status: MessageField::some(ServiceAccountStatus {
            active: true,
            ..Default::default()
        }),
        ..Default::default()
    })
}

/// Reads the service account `id`.
///
/// # Errors
/// NOT_FOUND if there is no such service account.
pub fn get(db: &Connection, id: &str) -> Result<ServiceAccount, IamError> {
    db.query_row(
        "SELECT * FROM service_accounts WHERE id = ?1",
        (id,),
        from_row,
    )
    .optional()?
    .ok_or_else(|| IamError::NotFound {
        kind: KIND,
        id: id.to_owned(),
    })
}

/// Checks that no other service account of the project has the name.
///
/// # Errors
/// ALREADY_EXISTS if one has it.
fn check_name_free(
    tx: &Transaction<'_>,
    parent: &str,
    name: &str,
    own_id: &str,
) -> Result<(), IamError> {
    let taken = tx
        .query_row(
            "SELECT id FROM service_accounts WHERE parent_id = ?1 AND name = ?2 AND id <> ?3",
            (parent, name, own_id),
            |row| row.get(0),
        )
        .optional()?;
    if let Some(id) = taken {
        return Err(IamError::NameTaken {
            id,
            kind: KIND,
            name: name.to_owned(),
            parent: parent.to_owned(),
        });
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), IamError> {
    match name.is_empty() {
        true => Err(IamError::invalid("metadata.name", "must not be empty")),
        false => Ok(()),
    }
}

fn create(tx: &Transaction<'_>, request: &CreateServiceAccountRequest) -> Result<String, IamError> {
    let given = &request.metadata;
    metadata::check_new(given)?;
    check_name(&given.name)?;
    containers::get_project(tx, &given.parent_id)?;
    check_name_free(tx, &given.parent_id, &given.name, "")?;
    let id = new_id(prefix::SERVICE_ACCOUNT)?;
    tx.execute(
        "INSERT INTO service_accounts
             (id, parent_id, name, labels, description, version, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6)",
        (
            &id,
            &given.parent_id,
            &given.name,
            metadata::labels_json(given),
            &request.spec.description,
            super::time::Micros::now(),
        ),
    )?;
    Ok(id)
}

fn update(
    tx: &Transaction<'_>,
    call: &Call,
    request: &UpdateServiceAccountRequest,
) -> Result<String, IamError> {
    let given = &request.metadata;
    let stored = get(tx, &given.id)?;
    metadata::check_update(given, &stored.metadata)?;
    let old = &stored.metadata;
    let name = call.reset.merge("metadata.name", &given.name, &old.name);
    check_name(name)?;
    check_name_free(tx, &stored.metadata.parent_id, name, &given.id)?;
    tx.execute(
        "UPDATE service_accounts SET name = ?2, labels = ?3, description = ?4,
             version = version + 1, updated_at = MAX(updated_at, ?5) WHERE id = ?1",
        (
            &given.id,
            name,
            metadata::merged_labels_json(&call.reset, given, old),
            call.reset.merge(
                "spec.description",
                &request.spec.description,
                &stored.spec.description,
            ),
            call.now,
        ),
    )?;
    Ok(given.id.clone())
}

fn delete(tx: &Transaction<'_>, id: &str) -> Result<String, IamError> {
    get(tx, id)?;
    tx.execute(
        "DELETE FROM auth_public_keys WHERE service_account_id = ?1",
        (id,),
    )?;
    tx.execute("DELETE FROM group_memberships WHERE member_id = ?1", (id,))?;
    tx.execute("DELETE FROM service_accounts WHERE id = ?1", (id,))?;
    Ok(id.to_owned())
}

impl ServiceAccountService for EmbeddedIam {
    async fn create<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateServiceAccountRequest>,
    ) -> ServiceResult<impl Encodable<Operation> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.write(&ctx, move |tx, call| {
            call.require_admin()?;
            operations::run(tx, call, "Create service account", &request, || {
                create(tx, &request)
            })
        })
        .await
    }

    async fn get<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetServiceAccountRequest>,
    ) -> ServiceResult<impl Encodable<ServiceAccount> + Send + use<'a>> {
        let id = request.id.to_owned();
        self.read(&ctx, move |db, call| {
            call.require_reader_or(&id)?;
            get(db, &id)
        })
        .await
    }

    async fn get_by_name<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetServiceAccountByNameRequest>,
    ) -> ServiceResult<impl Encodable<ServiceAccount> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            db.query_row(
                "SELECT * FROM service_accounts WHERE parent_id = ?1 AND name = ?2",
                (&request.parent_id, &request.name),
                from_row,
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
        request: ServiceRequest<'_, ListServiceAccountsRequest>,
    ) -> ServiceResult<impl Encodable<ListServiceAccountsResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            let page = Page::new(request.page_size, &request.page_token, &request.filter)?;
            containers::get_project(db, &request.parent_id)?;
            let (items, next_page_token) =
                page.read(db, List::ServiceAccounts, &request.parent_id, from_row)?;
            Ok(ListServiceAccountsResponse {
                items,
                next_page_token,
                ..Default::default()
            })
        })
        .await
    }

    async fn update<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UpdateServiceAccountRequest>,
    ) -> ServiceResult<impl Encodable<Operation> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.write(&ctx, move |tx, call| {
            call.require_admin()?;
            operations::run(tx, call, "Update service account", &request, || {
                update(tx, call, &request)
            })
        })
        .await
    }

    async fn delete<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeleteServiceAccountRequest>,
    ) -> ServiceResult<impl Encodable<Operation> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.write(&ctx, move |tx, call| {
            call.require_admin()?;
            operations::run(tx, call, "Delete service account", &request, || {
                delete(tx, &request.id)
            })
        })
        .await
    }
}
