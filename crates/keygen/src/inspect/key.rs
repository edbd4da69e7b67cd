//! Reads `private-key`: a private key, a key in another format, or something else.

use pkcs8::{
    ObjectIdentifier, PrivateKeyInfoRef, SubjectPublicKeyInfoRef,
    der::{Decode, asn1::UintRef},
};
use rsa::pkcs1::{EncodeRsaPrivateKey, RsaPrivateKeyRef};
use zeroize::Zeroizing;

use super::{
    Finding,
    pem::{self, Block},
};
use crate::{
    Passphrase, PrivateKey, ReadPrivateKeyError,
    encrypted::{check_encryption, is_encrypted_pkcs8_der},
};

/// Minimum size that the API accepts, in bits.
const MIN_BITS: u32 = 4096;
/// Sizes that can be read, in bits.
const READABLE_BITS: core::ops::RangeInclusive<u32> = 1024..=8192;
/// id-RSASSA-PSS (RFC 4055).
const PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// Maximum public exponent that can be read.
const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// Reads the private key.
pub fn read(
    text: &str,
    passphrase: Option<&Passphrase>,
    findings: &mut Vec<Finding>,
) -> Option<PrivateKey> {
    match find_block(text, findings).and_then(|block| decode(&block, passphrase, findings)) {
        Ok(key) => {
            check_layout(text, &key, findings);
            let bits = key.public_key().bits();
            if bits < MIN_BITS {
                findings.push(Finding::Short { bits });
            }
            Some(key)
        }
        Err(finding) => {
            findings.push(finding);
            None
        }
    }
}

/// Finds the block of the private key.
fn find_block(text: &str, findings: &mut Vec<Finding>) -> Result<Block, Finding> {
    let escaped = text.contains("\\n");
    if let Some(block) = private_block(text)? {
        if escaped {
            findings.push(Finding::EscapedTwice { accepted: true });
        }
        return Ok(block);
    }
    let plain = unescaped(text);
    if escaped {
        findings.push(Finding::EscapedTwice { accepted: false });
        if let Some(block) = private_block(&plain)? {
            return Ok(block);
        }
    }
    let mut compact = Zeroizing::new(String::with_capacity(plain.len()));
    for line in plain.lines().filter(|line| !line.trim().is_empty()) {
        compact.push_str(line);
        compact.push('\n');
    }
    if let Some(block) = private_block(&compact)? {
        findings.push(Finding::Layout { accepted: false });
        return Ok(block);
    }
    let marked = plain.contains("-----");
    match pem::loose(&plain) {
        Some(block) if marked || is_private(&block.der) => {
            findings.push(Finding::Markers);
            Ok(block)
        }
        _ if marked => Err(Finding::Damaged),
        _ if is_placeholder(&plain) => Err(Finding::Placeholder),
        _ => Err(Finding::NoKey),
    }
}

/// Whether a short text looks like a variable of a template: `${NAME}`, `{{ name }}`, `<name>`, `%NAME%`.
fn is_placeholder(text: &str) -> bool {
    const LONGEST: usize = 200;
    let text = text.trim();
    let between = |start: &str, end: &str| text.starts_with(start) && text.ends_with(end);
    text.len() <= LONGEST
        && (text.starts_with('$')
            || between("{{", "}}")
            || between("<", ">")
            || between("%", "%")
            || between("__", "__")
            || between("[", "]"))
}

/// The text with its escaped line breaks resolved, in one buffer that never grows: that would leave
/// copies in memory.
fn unescaped(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        rest = match after.as_bytes().first() {
            Some(b'n') => {
                plain.push('\n');
                after.get(1..).unwrap_or_default()
            }
            Some(b'r') => after.get(1..).unwrap_or_default(),
            _ => after,
        };
    }
    plain.push_str(rest);
    plain
}

/// The first private key that the SDK would find; an error if all blocks are something else.
fn private_block(text: &str) -> Result<Option<Block>, Finding> {
    let Some(blocks) = pem::strict(text) else {
        return Ok(None);
    };
    let named = |part| blocks.iter().any(|block| block.label.contains(part));
    if blocks.iter().any(Block::is_private) {
        return Ok(blocks.into_iter().find(Block::is_private));
    }
    if named("OPENSSH PRIVATE KEY") {
        return Err(Finding::OpenSsh);
    }
    if blocks.is_empty() || named("PRIVATE KEY") {
        return Ok(None);
    }
    // Whatever their label says.
    if let Some(at) = blocks.iter().position(|block| is_private(&block.der)) {
        return Ok(blocks.into_iter().nth(at));
    }
    if named("PUBLIC KEY") {
        return Err(Finding::PublicKey);
    }
    if named("CERTIFICATE") {
        return Err(Finding::Certificate);
    }
    Err(Finding::NoKey)
}

fn is_private(der: &[u8]) -> bool {
    RsaPrivateKeyRef::from_der(der).is_ok()
        || PrivateKeyInfoRef::from_der(der).is_ok()
        || is_encrypted_pkcs8_der(der)
}

/// Decodes the key in the block.
fn decode(
    block: &Block,
    passphrase: Option<&Passphrase>,
    findings: &mut Vec<Finding>,
) -> Result<PrivateKey, Finding> {
    if block.has_legacy_encryption {
        return Err(Finding::LegacyEncryption);
    }
    let der = block.der.as_slice();
    let mut expect = |label: &str| {
        let matches = block.label.is_empty() || block.label == label;
        if !matches {
            findings.push(Finding::WrongLabel);
        }
        matches
    };
    if let Ok(info) = PrivateKeyInfoRef::from_der(der) {
        if let Some(name) = other_kind(info.algorithm.oid) {
            return Err(Finding::OtherKey { name });
        }
        expect("PRIVATE KEY");
        if info.algorithm.oid == PSS {
            findings.push(Finding::Pss);
        }
        return numbers(info.private_key.as_bytes(), findings);
    }
    if RsaPrivateKeyRef::from_der(der).is_ok() {
        if expect("RSA PRIVATE KEY") {
            findings.push(Finding::Pkcs1);
        }
        return numbers(der, findings);
    }
    if is_encrypted_pkcs8_der(der) {
        expect("ENCRYPTED PRIVATE KEY");
        let Some(passphrase) = passphrase else {
            // Said before a passphrase is asked for in vain.
            let reason = check_encryption(der).err();
            return Err(Finding::Encrypted { reason });
        };
        let key = PrivateKey::from_encrypted_pkcs8(der, passphrase).map_err(|reason| {
            let reason = Some(reason);
            Finding::Encrypted { reason }
        })?;
        findings.push(Finding::Decrypted);
        return Ok(key);
    }
    match block.label.as_str() {
        "EC PRIVATE KEY" => Err(Finding::OtherKey { name: "EC" }),
        "DSA PRIVATE KEY" => Err(Finding::OtherKey { name: "DSA" }),
        _ if SubjectPublicKeyInfoRef::from_der(der).is_ok() => Err(Finding::PublicKey),
        _ => Err(Finding::Damaged),
    }
}

/// The type of a key that isn't RSA (RFC 8017 appendix A, RFC 5480, RFC 8410).
fn other_kind(oid: ObjectIdentifier) -> Option<&'static str> {
    let name = match oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => return None,
        "1.2.840.10045.2.1" => "EC",
        "1.2.840.10040.4.1" => "DSA",
        "1.3.101.110" => "X25519",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        _ => "unknown",
    };
    Some(name)
}

/// Builds the key from its PKCS#1 DER, if its numbers match.
fn numbers(der: &[u8], findings: &mut Vec<Finding>) -> Result<PrivateKey, Finding> {
    let given = RsaPrivateKeyRef::from_der(der).map_err(|_| Finding::Damaged)?;
    let bits = bits(&given.modulus);
    if !READABLE_BITS.contains(&bits) {
        return Err(Finding::Size { bits });
    }
    if small(&given.public_exponent).is_none_or(|e| e > MAX_EXPONENT) {
        return Err(Finding::Exponent);
    }
    let inner = rsa::PrivateKey::try_from(given.clone()).map_err(|_| Finding::Numbers)?;
    let right = inner.to_pkcs1_der().map_err(|_| Finding::Numbers)?;
    let right = RsaPrivateKeyRef::from_der(right.as_bytes()).map_err(|_| Finding::Numbers)?;
    let crt_matches = given.exponent1 == right.exponent1
        && given.exponent2 == right.exponent2
        && given.coefficient == right.coefficient;
    if !crt_matches {
        findings.push(Finding::CrtNumbers);
    }
    PrivateKey::from_rsa(inner).map_err(|error| match error {
        ReadPrivateKeyError::Exponent => Finding::Exponent,
        _ => Finding::Numbers,
    })
}

fn bits(number: &UintRef<'_>) -> u32 {
    let bytes = number.as_bytes();
    let zeros = bytes.first().map_or(0, |first| first.leading_zeros());
    u32::try_from(8 * bytes.len()).map_or(u32::MAX, |all| all - zeros)
}

fn small(number: &UintRef<'_>) -> Option<u64> {
    let bytes = number.as_bytes();
    let fold = |sum, byte: &u8| (sum << 8) | u64::from(*byte);
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, fold))
}

/// Reports how the text differs from the canonical PEM, unless another finding already explains it.
fn check_layout(text: &str, key: &PrivateKey, findings: &mut Vec<Finding>) {
    let canonical = key.expose_pkcs8_pem();
    if canonical.is_ok_and(|pem| *pem == text.as_bytes()) {
        return;
    }
    if findings.iter().any(|finding| {
        matches!(
            finding,
            Finding::EscapedTwice { .. } | Finding::Markers | Finding::Layout { .. } | Finding::Pss
        )
    }) {
        return;
    }
    let (before, trimmed) = (findings.len(), text.trim());
    if trimmed.contains('\r') {
        findings.push(Finding::CarriageReturns);
    } else if !trimmed.contains('\n') {
        findings.push(Finding::NoLineBreaks);
    }
    if !text.ends_with(['\n', '\r']) {
        findings.push(Finding::NoFinalNewline);
    }
    let is_explained = findings.len() > before
        || findings.iter().any(|finding| {
            matches!(
                finding,
                Finding::Pkcs1 | Finding::WrongLabel | Finding::Decrypted | Finding::CrtNumbers
            )
        });
    if !is_explained {
        findings.push(match first_label(text) {
            Some(label) if !label.ends_with("PRIVATE KEY") => Finding::NotFirst,
            _ => Finding::Layout { accepted: true },
        });
    }
}

/// The label of the first BEGIN line.
fn first_label(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("-----BEGIN ")?;
    after.split_once("-----").map(|(label, _)| label)
}
