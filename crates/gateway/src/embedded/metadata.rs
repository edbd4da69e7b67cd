//! Resource metadata: validates requests and reads rows.

use std::collections::HashMap;

use keyside_iam::{MessageField, Timestamp, common::ResourceMetadata};
use rusqlite::Row;

use super::{reset_mask::ResetMask, time::Micros};
use crate::error::IamError;

const MAX_NAME_BYTES: usize = 1024;

/// Validates the metadata of a create request.
///
/// # Errors
/// INVALID_ARGUMENT if it sets fields that the server sets, has no parent, or has too long a name.
pub fn check_new(given: &ResourceMetadata) -> Result<(), IamError> {
    if !given.id.is_empty() {
        return Err(IamError::invalid(
            "metadata.id",
            "must be empty when you create a resource",
        ));
    }
    if given.created_at.is_set() || given.updated_at.is_set() || given.resource_version != 0 {
        return Err(IamError::invalid(
            "metadata",
            "created_at, updated_at and resource_version are set by the server",
        ));
    }
    if given.parent_id.is_empty() {
        return Err(IamError::invalid(
            "metadata.parent_id",
            "must be the ID of the parent",
        ));
    }
    check_name(&given.name)
}

/// Validates the metadata of an update request against the `stored` metadata.
///
/// # Errors
/// INVALID_ARGUMENT if it changes immutable fields, ABORTED if it has an old resource version.
pub fn check_update(given: &ResourceMetadata, stored: &ResourceMetadata) -> Result<(), IamError> {
    if !given.parent_id.is_empty() && given.parent_id != stored.parent_id {
        return Err(IamError::invalid("metadata.parent_id", "can't be changed"));
    }
    // Checked first, because an old resource version comes with old times.
    if given.resource_version != 0 && given.resource_version != stored.resource_version {
        return Err(IamError::Stale {
            id: stored.id.clone(),
            given: given.resource_version,
            current: stored.resource_version,
        });
    }
    let differs =
        |given: Option<&Timestamp>, stored: Option<&Timestamp>| given.is_some() && given != stored;
    if differs(given.created_at.as_option(), stored.created_at.as_option())
        || differs(given.updated_at.as_option(), stored.updated_at.as_option())
    {
        return Err(IamError::invalid(
            "metadata",
            "created_at and updated_at are set by the server",
        ));
    }
    check_name(&given.name)
}

fn check_name(name: &str) -> Result<(), IamError> {
    if name.len() > MAX_NAME_BYTES {
        return Err(IamError::invalid(
            "metadata.name",
            format!(
                "must have at most {MAX_NAME_BYTES} bytes, not {}",
                name.len()
            ),
        ));
    }
    Ok(())
}

/// Reads the columns that every resource table has.
pub fn from_row(row: &Row<'_>) -> rusqlite::Result<ResourceMetadata> {
    Ok(ResourceMetadata {
        id: row.get("id")?,
        parent_id: row.get("parent_id")?,
        name: row.get("name")?,
        resource_version: row.get("version")?,
        created_at: MessageField::some(row.get::<_, Micros>("created_at")?.to_timestamp()),
        updated_at: MessageField::some(row.get::<_, Micros>("updated_at")?.to_timestamp()),
        labels: serde_json::from_str::<HashMap<_, _>>(&row.get::<_, String>("labels")?)
            .unwrap_or_default()
            .into_iter()
            .collect(),
        ..Default::default()
    })
}

/// Encodes the labels for the database after an update.
pub fn merged_labels_json(
    reset: &ResetMask,
    given: &ResourceMetadata,
    stored: &ResourceMetadata,
) -> String {
    let labels = reset.merge("metadata.labels", &given.labels, &stored.labels);
    encode_labels(labels.iter())
}

/// Encodes the labels for the database.
pub fn labels_json(given: &ResourceMetadata) -> String {
    encode_labels(given.labels.iter())
}

fn encode_labels<'a>(labels: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let labels: HashMap<_, _> = labels.collect();
    serde_json::to_string(&labels).unwrap_or_else(|_| "{}".to_owned())
}
