//! `AuthPublicKeyService`: authorized keys.

use connectrpc::{Encodable, RequestContext, ServiceRequest, ServiceResult};
use keyside_iam::{
    MessageField,
    common::Operation,
    iam::{
        Account, ActivateAuthPublicKeyRequest, AuthPublicKey, AuthPublicKeyService,
        AuthPublicKeySpec, AuthPublicKeyStatus, CreateAuthPublicKeyRequest,
        DeactivateAuthPublicKeyRequest, DeleteAuthPublicKeyRequest, GetAuthPublicKeyRequest,
        ListAuthPublicKeysByAccountRequest, ListAuthPublicKeysRequest, ListAuthPublicKeysResponse,
        UpdateAuthPublicKeyRequest, auth_public_key_status::State,
    },
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::{
    EmbeddedIam, containers,
    ids::{new_id, prefix},
    metadata, operations,
    paging::{List, Page},
    principal::Call,
    public_key, service_accounts,
    time::Micros,
};
use crate::error::IamError;

const KIND: &str = "authorized key";
const ALGORITHM: &str = "RSA";

fn from_row(row: &Row<'_>, now: Micros) -> rusqlite::Result<AuthPublicKey> {
    let expires_at: Option<Micros> = row.get("expires_at")?;
    let state = if expires_at.is_some_and(|at| at <= now) {
        State::EXPIRED
    } else if row.get("active")? {
        State::ACTIVE
    } else {
        State::INACTIVE
    };
    Ok(AuthPublicKey {
        metadata: MessageField::some(metadata::from_row(row)?),
        spec: MessageField::some(AuthPublicKeySpec {
            account: MessageField::some(Account::of_service_account(
                row.get::<_, String>("service_account_id")?,
            )),
            expires_at: expires_at.map(Micros::to_timestamp).into(),
            description: row.get("description")?,
            data: row.get("data")?,
            ..Default::default()
        }),
        status: MessageField::some(AuthPublicKeyStatus {
            state: state.into(),
            fingerprint: row.get("fingerprint")?,
            algorithm: ALGORITHM.to_owned(),
            key_size: row.get("bits")?,
            ..Default::default()
        }),
        ..Default::default()
    })
}

/// Reads the key `id`.
///
/// # Errors
/// NOT_FOUND if there is no such key.
pub fn get(db: &Connection, id: &str, now: Micros) -> Result<AuthPublicKey, IamError> {
    db.query_row(
        "SELECT * FROM auth_public_keys WHERE id = ?1",
        (id,),
        |row| from_row(row, now),
    )
    .optional()?
    .ok_or_else(|| IamError::NotFound {
        kind: KIND,
        id: id.to_owned(),
    })
}

/// The states of a service account's keys.
///
/// # Errors
/// If the database fails.
pub fn states(db: &Connection, account_id: &str, now: Micros) -> Result<Vec<State>, IamError> {
    let mut query =
        db.prepare_cached("SELECT * FROM auth_public_keys WHERE service_account_id = ?1")?;
    let rows = query.query_map((account_id,), |row| from_row(row, now))?;
    let keys: Vec<AuthPublicKey> = rows.collect::<rusqlite::Result<_>>()?;
    let states = keys
        .iter()
        .map(|key| key.status.state.as_known().unwrap_or(State::ACTIVE));
    Ok(states.collect())
}

/// All keys.
///
/// # Errors
/// If the database fails.
pub fn all(db: &Connection, now: Micros) -> Result<Vec<AuthPublicKey>, IamError> {
    let mut query = db.prepare_cached("SELECT * FROM auth_public_keys")?;
    let rows = query.query_map((), |row| from_row(row, now))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The ID of the service account that a key belongs to. The embedded IAM supports no other owners.
///
/// # Errors
/// INVALID_ARGUMENT for other kinds of accounts.
pub fn service_account_id(account: &Account) -> Result<&str, IamError> {
    account
        .service_account_id()
        .ok_or_else(|| IamError::invalid("account", "must be the ID of a service account"))
}

fn create(
    tx: &Transaction<'_>,
    call: &Call,
    request: &CreateAuthPublicKeyRequest,
) -> Result<String, IamError> {
    let (given, spec) = (&request.metadata, &request.spec);
    metadata::check_new(given)?;
    containers::get_project(tx, &given.parent_id)?;
    let owner = service_accounts::get(tx, service_account_id(&spec.account)?)?;
    if owner.metadata.parent_id != given.parent_id {
        return Err(IamError::invalid(
            "metadata.parent_id",
            "must be the project of the service account",
        ));
    }
    let expires_at = spec
        .expires_at
        .as_option()
        .map(|t| Micros::from_timestamp(t, "spec.expires_at"))
        .transpose()?;
    if expires_at.is_some_and(|at| at <= call.now) {
        return Err(IamError::invalid(
            "spec.expires_at",
            "must be in the future",
        ));
    }
    let key = public_key::check(&spec.data)?;
    let id = new_id(prefix::PUBLIC_KEY)?;
    tx.execute(
        "INSERT INTO auth_public_keys (id, parent_id, service_account_id, name, labels,
             description, data, fingerprint, bits, expires_at, active, version, created_at,
             updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, 1, ?11, ?11)",
        (
            &id,
            &given.parent_id,
            &owner.metadata.id,
            &given.name,
            metadata::labels_json(given),
            &spec.description,
            &spec.data,
            &key.fingerprint,
            key.bits,
            expires_at,
            call.now,
        ),
    )?;
    Ok(id)
}

fn update(
    tx: &Transaction<'_>,
    call: &Call,
    request: &UpdateAuthPublicKeyRequest,
) -> Result<String, IamError> {
    let (given, spec) = (&request.metadata, &request.spec);
    let stored = get(tx, &given.id, call.now)?;
    metadata::check_update(given, &stored.metadata)?;
    let current = &stored.spec;
    if (spec.account.is_set() && spec.account != current.account)
        || (spec.expires_at.is_set() && spec.expires_at != current.expires_at)
        || (!spec.data.is_empty() && spec.data != current.data)
    {
        return Err(IamError::invalid(
            "spec",
            "only the description can be updated",
        ));
    }
    let old = &stored.metadata;
    tx.execute(
        "UPDATE auth_public_keys SET name = ?2, labels = ?3, description = ?4,
             version = version + 1, updated_at = MAX(updated_at, ?5) WHERE id = ?1",
        (
            &given.id,
            call.reset.merge("metadata.name", &given.name, &old.name),
            metadata::merged_labels_json(&call.reset, given, old),
            call.reset
                .merge("spec.description", &spec.description, &current.description),
            call.now,
        ),
    )?;
    Ok(given.id.clone())
}

fn set_active(
    tx: &Transaction<'_>,
    call: &Call,
    id: &str,
    active: bool,
) -> Result<String, IamError> {
    let stored = get(tx, id, call.now)?;
    if active && stored.status.state == State::EXPIRED {
        return Err(IamError::Precondition(
            "The key has expired and can't be activated again. Create a new key.",
        ));
    }
    tx.execute(
        "UPDATE auth_public_keys SET active = ?2, version = version + 1, updated_at = MAX(updated_at, ?3)
         WHERE id = ?1",
        (id, active, call.now),
    )?;
    Ok(id.to_owned())
}

fn delete(tx: &Transaction<'_>, call: &Call, id: &str) -> Result<String, IamError> {
    get(tx, id, call.now)?;
    tx.execute("DELETE FROM auth_public_keys WHERE id = ?1", (id,))?;
    Ok(id.to_owned())
}

fn list(
    db: &Connection,
    now: Micros,
    page: &Page,
    list: List,
    value: &str,
) -> Result<ListAuthPublicKeysResponse, IamError> {
    let (items, next_page_token) = page.read(db, list, value, |row| from_row(row, now))?;
    Ok(ListAuthPublicKeysResponse {
        items,
        next_page_token,
        ..Default::default()
    })
}

impl AuthPublicKeyService for EmbeddedIam {
    async fn create<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, CreateAuthPublicKeyRequest>,
    ) -> ServiceResult<impl Encodable<Operation> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.write(&ctx, move |tx, call| {
            call.require_admin()?;
            operations::run(tx, call, "Create authorized key", &request, || {
                create(tx, call, &request)
            })
        })
        .await
    }

    async fn get<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetAuthPublicKeyRequest>,
    ) -> ServiceResult<impl Encodable<AuthPublicKey> + Send + use<'a>> {
        let id = request.id.to_owned();
        self.read(&ctx, move |db, call| {
            let key = get(db, &id, call.now)?;
            call.require_reader_or(service_account_id(&key.spec.account)?)?;
            Ok(key)
        })
        .await
    }

    async fn list<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListAuthPublicKeysRequest>,
    ) -> ServiceResult<impl Encodable<ListAuthPublicKeysResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            let page = Page::new(request.page_size, &request.page_token, &request.filter)?;
            containers::get_project(db, &request.parent_id)?;
            list(db, call.now, &page, List::KeysOfProject, &request.parent_id)
        })
        .await
    }

    async fn list_by_account<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListAuthPublicKeysByAccountRequest>,
    ) -> ServiceResult<impl Encodable<ListAuthPublicKeysResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.read(&ctx, move |db, call| {
            let owner = service_account_id(&request.account)?;
            call.require_reader_or(owner)?;
            let page = Page::new(request.page_size, &request.page_token, &request.filter)?;
            service_accounts::get(db, owner)?;
            list(db, call.now, &page, List::KeysOfAccount, owner)
        })
        .await
    }

    async fn update<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UpdateAuthPublicKeyRequest>,
    ) -> ServiceResult<impl Encodable<Operation> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.write(&ctx, move |tx, call| {
            call.require_admin()?;
            operations::run(tx, call, "Update authorized key", &request, || {
                update(tx, call, &request)
            })
        })
        .await
    }

    async fn activate<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ActivateAuthPublicKeyRequest>,
    ) -> ServiceResult<impl Encodable<Operation> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.write(&ctx, move |tx, call| {
            call.require_admin()?;
            operations::run(tx, call, "Activate authorized key", &request, || {
                set_active(tx, call, &request.id, true)
            })
        })
        .await
    }

    async fn deactivate<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeactivateAuthPublicKeyRequest>,
    ) -> ServiceResult<impl Encodable<Operation> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.write(&ctx, move |tx, call| {
            call.require_admin()?;
            operations::run(tx, call, "Deactivate authorized key", &request, || {
                set_active(tx, call, &request.id, false)
            })
        })
        .await
    }

    async fn delete<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, DeleteAuthPublicKeyRequest>,
    ) -> ServiceResult<impl Encodable<Operation> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.write(&ctx, move |tx, call| {
            call.require_admin()?;
            operations::run(tx, call, "Delete authorized key", &request, || {
                delete(tx, call, &request.id)
            })
        })
        .await
    }
}
