//! IDs of keys and service accounts: opaque, but safe in file names, shells and JSON.

/// Maximum length in characters, far above that of any ID of the API.
const MAX_LENGTH: usize = 128;

/// Why a text isn't a valid ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is empty.
    #[error("The ID is missing. Copy it from the list of keys or service accounts.")]
    Empty,
    /// The text is longer than any ID.
    #[error("The ID has more than {MAX_LENGTH} characters. Copy only the ID.")]
    TooLong,
    /// The text has a character that isn't allowed in an ID, or not at its start.
    #[error(
        "The ID has the character {0:?}, which isn't allowed there. Copy only the ID: letters, \
         digits, '-', '_' and '.', starting with a letter or digit."
    )]
    Character(char),
}

/// Checks that `id` is a valid ID.
///
/// # Errors
/// When `id` is empty, too long, or has characters other than ASCII letters, digits, `-`, `_` and
/// `.` (the last three not at its start).
pub fn check_id(id: &str) -> Result<(), IdError> {
    let first = id.chars().next().ok_or(IdError::Empty)?;
    if id.len() > MAX_LENGTH {
        return Err(IdError::TooLong);
    }
    if !first.is_ascii_alphanumeric() {
        return Err(IdError::Character(first));
    }
    match id
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
    {
        Some(other) => Err(IdError::Character(other)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_ids_are_valid() {
        assert_eq!(check_id("serviceaccount-e00abc.d_1"), Ok(()));
        assert_eq!(check_id(""), Err(IdError::Empty));
        assert_eq!(check_id("a/../b"), Err(IdError::Character('/')));
        assert_eq!(check_id(".hidden"), Err(IdError::Character('.')));
        assert_eq!(check_id("--flag"), Err(IdError::Character('-')));
        assert_eq!(check_id("a b"), Err(IdError::Character(' ')));
        assert_eq!(check_id("a\"b"), Err(IdError::Character('"')));
        assert_eq!(check_id("ü"), Err(IdError::Character('ü')));
        assert_eq!(check_id(&"a".repeat(129)), Err(IdError::TooLong));
    }
}
