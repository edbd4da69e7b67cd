//! Takes off what mail programs, editors and shells put around a key: encodings, prefixes of lines, escapes.
//!
//! [`views`] tries every wrapping, several deep. The readers of keys and of credentials files take the first
//! view that they understand, so their parsers can stay strict.

mod binary;
mod escapes;
mod lines;
mod object;
mod unicode;

use std::collections::VecDeque;

use zeroize::Zeroizing;

pub use self::{escapes::wipe, unicode::wide};
use crate::Repair;

/// Maximum number of wrappings around each other.
const DEPTH: usize = 3;
/// Maximum number of views of a file.
const MAX_VIEWS: usize = 40;

/// A file's content with some wrappings taken off.
pub struct View {
    /// Overwritten when dropped: they may be a private key.
    pub bytes: Zeroizing<Vec<u8>>,
    /// What was taken off, outermost first.
    pub taken_off: Vec<Repair>,
}

/// A wrapping, and the function that takes it off; none if it isn't there.
type Unwrap = fn(&[u8]) -> Option<Zeroizing<Vec<u8>>>;

/// Wrappings that are easy to recognize come first.
const ALL: [(Repair, Unwrap); 15] = [
    (Repair::Utf16, unicode::from_wide),
    (Repair::ZeroBytes, binary::without_zeros),
    (Repair::InvisibleCharacters, unicode::visible),
    (Repair::JsonInJson, escapes::from_json_string),
    (Repair::EncodedTwice, binary::from_base64),
    (Repair::Hex, binary::from_hex),
    (Repair::Diff, lines::from_diff),
    (Repair::LinePrefixes, lines::without_prefixes),
    (Repair::QuotedPrintable, escapes::from_quoted_printable),
    (Repair::Entities, escapes::from_entities),
    (Repair::PercentEncoding, escapes::from_percent_encoding),
    (Repair::StringSyntax, escapes::from_string_syntax),
    (Repair::StringSyntax, escapes::from_quoted_quotes),
    (Repair::SurroundingText, object::object_in_text),
    (Repair::SurroundingText, object::object_in_object),
];

/// The file as it is, then with one wrapping taken off, and so on.
pub fn views(bytes: &[u8]) -> Views {
    let file = View {
        bytes: Zeroizing::new(bytes.to_vec()),
        taken_off: Vec::new(),
    };
    Views {
        waiting: VecDeque::from([file]),
        made: 1,
    }
}

/// Iterator over a file's views, made by [`views`].
pub struct Views {
    waiting: VecDeque<View>,
    made: usize,
}

impl Iterator for Views {
    type Item = View;

    fn next(&mut self) -> Option<View> {
        let view = self.waiting.pop_front()?;
        if view.taken_off.len() < DEPTH {
            for (wrapping, unwrap) in ALL {
                if self.made == MAX_VIEWS {
                    break;
                }
                let Some(bytes) = unwrap(&view.bytes).filter(|bytes| **bytes != *view.bytes) else {
                    continue;
                };
                self.made += 1;
                let taken_off = [&*view.taken_off, &[wrapping]].concat();
                self.waiting.push_back(View { bytes, taken_off });
            }
        }
        Some(view)
    }
}

/// A buffer for a text that gets no longer than `length` bytes: growing would leave copies in memory.
fn buffer(length: usize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(length))
}
