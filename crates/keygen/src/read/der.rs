//! Recognizes what DER (X.690) contains by its structure.

use rsa::{
    pkcs1::{self, RsaPublicKeyRef},
    pkcs8::{
        AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef, SubjectPublicKeyInfoRef,
        der::{Decode, Header, Reader, SliceReader, Tag, asn1::AnyRef},
    },
};

use super::{
    Algorithm, EncryptedForm, Item, KeyFile, OtherFile, PrivateForm, PrivateKind, PublicForm,
    Refusal, numbers,
};
use crate::encrypted::check_encryption;

/// Arc of the PKCS#5 schemes (RFC 8018), which include PBES2.
const PKCS5: &str = "1.2.840.113549.1.5.";
const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
/// Arc of the PKCS#12 schemes (RFC 7292 appendix C).
const PKCS12_SCHEMES: &str = "1.2.840.113549.1.12.1.";

/// The length in a header, compared with the bytes there are.
pub enum Extent {
    /// The header covers all bytes.
    Whole,
    /// Bytes are missing.
    Short,
    /// The header covers this many bytes; others follow.
    Long(usize),
    /// The bytes don't start with a SEQUENCE.
    None,
}

/// Compares the length in the header of `bytes` with their number.
pub fn extent(bytes: &[u8]) -> Extent {
    if bytes.first() != Some(&0x30) {
        return Extent::None;
    }
    let Ok(mut reader) = SliceReader::new(bytes) else {
        return Extent::None;
    };
    let Ok(header) = Header::decode(&mut reader) else {
        // The header itself is incomplete, unless its length isn't valid.
        return match bytes {
            [_] | [_, 0x81] | [_, 0x82] | [_, 0x82, _] => Extent::Short,
            _ => Extent::None,
        };
    };
    let head = bytes.len() - usize::try_from(reader.remaining_len()).unwrap_or(0);
    let whole = head.saturating_add(usize::try_from(header.length()).unwrap_or(usize::MAX));
    match whole.cmp(&bytes.len()) {
        core::cmp::Ordering::Equal => Extent::Whole,
        core::cmp::Ordering::Greater => Extent::Short,
        core::cmp::Ordering::Less => Extent::Long(whole),
    }
}

/// Reads a DER file, maybe followed by whitespace; none if it isn't one.
pub fn whole_file(bytes: &[u8]) -> Option<Item> {
    // Some programs write PKCS#12 as BER without lengths: SEQUENCE { INTEGER 3, …
    if bytes.starts_with(&[0x30, 0x80, 0x02, 0x01, 0x03]) {
        return Some(Refusal::Private(PrivateKind::Pkcs12).into());
    }
    // Text may start with the digit 0, which is the tag of a SEQUENCE.
    let may_be_text = bytes.get(1).is_none_or(u8::is_ascii);
    let item = match extent(bytes) {
        Extent::Whole => item(bytes),
        Extent::Long(end) if bytes[end..].iter().all(is_padding) => item(&bytes[..end]),
        Extent::Long(_) => Refusal::Damaged.into(),
        Extent::Short => Refusal::CutShort.into(),
        Extent::None => return None,
    };
    let is_nothing = matches!(
        item,
        Item::Other(KeyFile::Refused(
            Refusal::Damaged | Refusal::CutShort | Refusal::NotAKey(_)
        ))
    );
    (!(may_be_text && is_nothing)).then_some(item)
}

/// Whether a byte may follow the end of a file.
fn is_padding(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || *byte == 0
}

/// Reads `der`, exactly one SEQUENCE.
pub fn item(der: &[u8]) -> Item {
    let Some(parts) = sequence(der) else {
        return Refusal::Damaged.into();
    };
    let tags: Vec<_> = parts.iter().take(10).map(tag).collect();
    match &*tags {
        [Tag::Sequence, Tag::BitString] => SubjectPublicKeyInfoRef::from_der(der)
            .map_or_else(|_| Refusal::Damaged.into(), |key| spki(&key)),
        [Tag::Integer, Tag::Integer] => pkcs1_public(der, PublicForm::Pkcs1),
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => pkcs8(der),
        [Tag::Integer, Tag::OctetString, ..] => private(Algorithm::Ec),
        [Tag::Integer, rest @ ..] if rest.len() >= 5 && rest[..5] == [Tag::Integer; 5] => {
            if tags.len() == 6 {
                private(Algorithm::Dsa)
            } else {
                Item::Other(numbers::private(der, PrivateForm::Pkcs1))
            }
        }
        [Tag::Sequence, Tag::OctetString] => encrypted(der, parts[0]),
        [Tag::Integer, Tag::Sequence] | [Tag::Integer, Tag::Sequence, Tag::Sequence] => {
            Refusal::Private(PrivateKind::Pkcs12).into()
        }
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => signed(parts[0]),
        [Tag::ObjectIdentifier, ..] => Refusal::NotAKey(OtherFile::Pkcs7).into(),
        _ => Refusal::NotAKey(OtherFile::Binary).into(),
    }
}

/// The PEM label (RFC 7468) of a public key format.
pub fn label(form: PublicForm) -> &'static str {
    match form {
        PublicForm::Pkcs1 => "RSA PUBLIC KEY",
        PublicForm::Certificate => "CERTIFICATE",
        PublicForm::CertificateRequest => "CERTIFICATE REQUEST",
        _ => "PUBLIC KEY",
    }
}

fn sequence(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    parts(AnyRef::from_der(der).ok()?)
}

/// The first elements of a SEQUENCE. Nothing that is recognized here has more than a dozen.
fn parts(outer: AnyRef<'_>) -> Option<Vec<AnyRef<'_>>> {
    const MAX_PARTS: usize = 16;
    if tag(&outer) != Tag::Sequence {
        return None;
    }
    let mut reader = SliceReader::new(outer.value()).ok()?;
    let mut parts = Vec::with_capacity(MAX_PARTS);
    while !reader.is_finished() && parts.len() < MAX_PARTS {
        parts.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(parts)
}

fn tag(any: &AnyRef<'_>) -> Tag {
    any.header().tag()
}

fn private(algorithm: Algorithm) -> Item {
    Refusal::Private(PrivateKind::Algorithm(algorithm)).into()
}

fn spki(spki: &SubjectPublicKeyInfoRef<'_>) -> Item {
    match (spki.algorithm.oid, spki.subject_public_key.as_bytes()) {
        (pkcs1::ALGORITHM_OID, Some(key)) => pkcs1_public(key, PublicForm::Spki),
        (pkcs1::ALGORITHM_OID, None) => Refusal::Damaged.into(),
        (other, _) => Refusal::Algorithm(algorithm(other)).into(),
    }
}

fn pkcs1_public(der: &[u8], form: PublicForm) -> Item {
    let Ok(key) = RsaPublicKeyRef::from_der(der) else {
        return Refusal::Damaged.into();
    };
    match numbers::public(key.modulus.as_bytes(), key.public_exponent.as_bytes()) {
        Ok(key) => Item::Public(key, form),
        Err(refusal) => refusal.into(),
    }
}

fn pkcs8(der: &[u8]) -> Item {
    match PrivateKeyInfoRef::from_der(der) {
        Ok(info) if info.algorithm.oid == pkcs1::ALGORITHM_OID => Item::Other(numbers::private(
            info.private_key.as_bytes(),
            PrivateForm::Pkcs8,
        )),
        Ok(info) => private(algorithm(info.algorithm.oid)),
        Err(_) => Refusal::Private(PrivateKind::Damaged).into(),
    }
}

fn encrypted(der: &[u8], scheme: AnyRef<'_>) -> Item {
    match oid_of(scheme) {
        Some(PBES2) => Item::Other(KeyFile::Encrypted(match check_encryption(der) {
            Ok(()) => EncryptedForm::Pbes2(der.to_vec()),
            Err(why) => EncryptedForm::Unsupported(why),
        })),
        Some(oid) if is_under(oid, PKCS5) || is_under(oid, PKCS12_SCHEMES) => {
            Item::Other(KeyFile::Encrypted(EncryptedForm::OldPkcs8))
        }
        _ => Refusal::NotAKey(OtherFile::Binary).into(),
    }
}

/// Reads a certificate (RFC 5280 section 4.1), a request (RFC 2986 section 4.1) or a revocation
/// list; `signed` is the part under the signature.
fn signed(signed: AnyRef<'_>) -> Item {
    let Some(fields) = parts(signed) else {
        return Refusal::Damaged.into();
    };
    let tags: Vec<_> = fields.iter().map(tag).collect();
    // The version of a certificate is tagged, and omitted when it is 1.
    let versioned = usize::from(matches!(tags.first(), Some(Tag::ContextSpecific { .. })));
    let (form, at) = match &tags[versioned..] {
        [
            Tag::Integer,
            Tag::Sequence,
            Tag::Sequence,
            Tag::Sequence,
            Tag::Sequence,
            Tag::Sequence,
            ..,
        ] => (PublicForm::Certificate, versioned + 5),
        [Tag::Integer, Tag::Sequence, Tag::Sequence] => (PublicForm::CertificateRequest, 2),
        [
            Tag::Integer,
            Tag::Sequence,
            Tag::Sequence,
            Tag::ContextSpecific { .. },
        ] => (PublicForm::CertificateRequest, 2),
        _ => return Refusal::NotAKey(OtherFile::Parameters).into(),
    };
    let key = fields.get(at).map(|key| key.decode_as());
    match key {
        Some(Ok(key)) => match spki(&key) {
            Item::Public(key, _) => Item::Public(key, form),
            other => other,
        },
        _ => Refusal::Damaged.into(),
    }
}

fn oid_of(algorithm: AnyRef<'_>) -> Option<ObjectIdentifier> {
    let read = algorithm.decode_as::<AlgorithmIdentifierRef<'_>>();
    read.ok().map(|algorithm| algorithm.oid)
}

fn is_under(oid: ObjectIdentifier, arc: &str) -> bool {
    oid.to_string().starts_with(arc)
}

fn algorithm(oid: ObjectIdentifier) -> Algorithm {
    match &*oid.to_string() {
        "1.2.840.10045.2.1" => Algorithm::Ec,
        "1.3.101.112" | "1.3.101.113" => Algorithm::Edwards,
        "1.3.101.110" | "1.3.101.111" => Algorithm::Montgomery,
        "1.2.840.10040.4.1" => Algorithm::Dsa,
        "1.2.840.113549.1.3.1" | "1.2.840.10046.2.1" => Algorithm::Dh,
        "1.2.840.113549.1.1.10" => Algorithm::RsaPss,
        _ => Algorithm::Other,
    }
}
