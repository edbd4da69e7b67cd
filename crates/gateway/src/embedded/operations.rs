//! `OperationService`, and the operations that changes return.

use buffa::Message;
use connectrpc::{Encodable, RequestContext, ServiceRequest, ServiceResult};
use keyside_iam::{
    MessageField,
    common::{
        GetOperationRequest, ListOperationsRequest, ListOperationsResponse, Operation,
        OperationService,
    },
    rpc::Status,
};
use rsa::sha2::{Digest, Sha256};
use rusqlite::{OptionalExtension, Row, Transaction};
use serde::Serialize;

use super::{
    EmbeddedIam,
    ids::{new_id, prefix},
    paging::{List, Page},
    principal::Call,
    reset_mask::ResetMask,
    time::Micros,
};
use crate::error::IamError;

/// Operations take a moment, as in the real API.
const DURATION_MS: i64 = 250;

/// Runs `change` and stores its operation, once per idempotency key: the same request with the same key
/// returns the first operation and changes nothing.
///
/// `change` returns the ID of the created or changed resource.
///
/// # Errors
/// The errors of `change`, and INVALID_ARGUMENT if the key was used for another request.
pub fn run(
    tx: &Transaction<'_>,
    call: &Call,
    description: &str,
    request: &(impl Message + Serialize),
    change: impl FnOnce() -> Result<String, IamError>,
) -> Result<Operation, IamError> {
    let request_hash = request_hash(description, request, &call.reset);
    if let Some(key) = &call.idempotency_key {
        let earlier = tx
            .query_row(
                "SELECT * FROM operations WHERE created_by = ?1 AND idempotency_key = ?2",
                (call.principal.id(), key),
                |row| {
                    Ok((
                        row.get::<_, [u8; 32]>("request_hash")?,
                        from_row(row, call.now)?,
                    ))
                },
            )
            .optional()?;
        match earlier {
            Some((hash, operation)) if hash == request_hash => return Ok(operation),
            Some(_) => {
                return Err(IamError::invalid(
                    "x-idempotency-key",
                    "was already used for another request. Use a new key",
                ));
            }
            None => {}
        }
    }
    let resource_id = change()?;
    let id = new_id(prefix::OPERATION)?;
    tx.execute(
        "INSERT INTO operations (id, description, resource_id, created_by, created_at,
             finished_at, idempotency_key, request_hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            &id,
            description,
            &resource_id,
            call.principal.id(),
            call.now,
            call.now.plus_millis(DURATION_MS),
            &call.idempotency_key,
            request_hash,
        ),
    )?;
    Ok(
        tx.query_row("SELECT * FROM operations WHERE id = ?1", (&id,), |row| {
            from_row(row, call.now)
        })?,
    )
}

/// SHA-256 of a change, its request and the fields that it resets. Equal requests have equal hashes: JSON is
/// encoded with sorted keys, but protobuf with the entries of a map, such as labels, in random order.
fn request_hash(
    description: &str,
    request: &(impl Message + Serialize),
    reset: &ResetMask,
) -> [u8; 32] {
    let request = match serde_json::to_value(request) {
        Ok(json) => json.to_string().into_bytes(),
        // A time that JSON can't express, which the change itself rejects.
        Err(_) => request.encode_to_vec(),
    };
    let mut hash = Sha256::new();
    hash.update(description);
    hash.update([0]);
    if let Some(paths) = reset.paths() {
        hash.update(paths);
        hash.update([0]);
    }
    hash.update(request);
    hash.finalize().into()
}

fn from_row(row: &Row<'_>, now: Micros) -> rusqlite::Result<Operation> {
    let finished_at: Micros = row.get("finished_at")?;
    // If it was created in the future, the clock was set back.
    let done = finished_at <= now || row.get::<_, Micros>("created_at")? > now;
    Ok(Operation {
        id: row.get("id")?,
        description: row.get("description")?,
        created_at: MessageField::some(row.get::<_, Micros>("created_at")?.to_timestamp()),
        created_by: row.get("created_by")?,
        resource_id: row.get("resource_id")?,
        finished_at: done.then(|| finished_at.to_timestamp()).into(),
        status: done.then(Status::default).into(),
        ..Default::default()
    })
}

impl OperationService for EmbeddedIam {
    async fn get<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetOperationRequest>,
    ) -> ServiceResult<impl Encodable<Operation> + Send + use<'a>> {
        let id = request.id.to_owned();
        self.read(&ctx, move |db, call| {
            let operation = db
                .query_row("SELECT * FROM operations WHERE id = ?1", (&id,), |row| {
                    from_row(row, call.now)
                })
                .optional()?
                .ok_or(IamError::NotFound {
                    kind: "operation",
                    id,
                })?;
            call.require_reader_or(&operation.created_by)?;
            Ok(operation)
        })
        .await
    }

    async fn list<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListOperationsRequest>,
    ) -> ServiceResult<impl Encodable<ListOperationsResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            let page = Page::new(request.page_size, &request.page_token, "")?;
            let (operations, next_page_token) =
                page.read(db, List::Operations, &request.resource_id, |row| {
                    from_row(row, call.now)
                })?;
            Ok(ListOperationsResponse {
                operations,
                next_page_token,
                ..Default::default()
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use keyside_iam::{common::ResourceMetadata, iam::CreateServiceAccountRequest};

    use super::*;

    #[test]
    fn the_hash_does_not_depend_on_the_order_of_labels() {
        let hash = |description: &str, labels: Vec<(&str, &str)>, mask: &ResetMask| {
            let request = CreateServiceAccountRequest {
                metadata: MessageField::some(ResourceMetadata {
                    labels: labels
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value.to_owned()))
                        .collect(),
                    ..Default::default()
                }),
                ..Default::default()
            };
            request_hash(description, &request, mask)
        };
        let none = ResetMask::default();
        let labels = vec![("team", "a"), ("stage", "test"), ("owner", "b"), ("x", "y")];
        let first = hash("Create", labels.clone(), &none);
        // Each map has an order of its own.
        for _ in 0..50 {
            assert_eq!(hash("Create", labels.clone(), &none), first);
        }
        let other = vec![("team", "a"), ("stage", "test"), ("owner", "b"), ("x", "z")];
        assert_ne!(hash("Create", other, &none), first);
        assert_ne!(hash("Update", labels.clone(), &none), first);
        let mask = ResetMask::parse("spec.description").unwrap();
        assert_ne!(hash("Create", labels, &mask), first);
    }
}
