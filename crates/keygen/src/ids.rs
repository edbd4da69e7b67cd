//! Ids of keys and service accounts: opaque, but safe in file names, shells and JSON.

/// In characters; far longer than any id of the API.
const LONGEST: usize = 128;

/// Why a text cannot be an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// There is none.
    #[error("The id is missing. Copy it from the list of the service account's keys.")]
    Empty,
    /// It is no id at all.
    #[error("The id has more than {LONGEST} characters, so it is none. Copy it again, alone.")]
    TooLong,
    /// It has a character that ids do not have.
    #[error(
        "The id has the character {0:?}, which ids do not have: they are made of letters, digits, \
         '-', '_' and '.', and begin with a letter or digit. Copy it again, alone."
    )]
    Character(char),
}

/// Checks that `id` can be used as one.
///
/// # Errors
/// When it is empty, too long, or has other characters than ASCII letters, digits, `-`, `_`, `.`
/// (the last three not at its beginning).
pub fn check_id(id: &str) -> Result<(), IdError> {
    let first = id.chars().next().ok_or(IdError::Empty)?;
    if id.len() > LONGEST {
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
    fn only_plain_ids_pass() {
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
