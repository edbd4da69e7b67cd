//! Generates an RSA key pair: two primes, the checks of FIPS 186-5, and a self-test.
//!
//! | FIPS 186-5, appendix | implementation |
//! |---|---|
//! | A.1.1: e is odd, 2^16 < e < 2^256 | e = 65537 |
//! | A.1.3: p, q > sqrt(2) 2^(nlen/2 - 1) | both top bits set, so p, q >= 1.5 x 2^(nlen/2 - 1) |
//! | A.1.3: gcd(p - 1, e) = 1 | checked before the primality test |
//! | A.1.3: abs(p - q) > 2^(nlen/2 - 100) | checked; otherwise both are drawn again |
//! | A.1.1: d = e^-1 mod lcm(p - 1, q - 1), d > 2^(nlen/2) | by `rsa`'s `from_p_q`; checked |
//! | B.3: rounds of Miller-Rabin for the error bound | [`KeySize::miller_rabin_rounds`] |
//!
//! Candidates aren't drawn independently, as in A.1.3, but by increments from a random start, like
//! in OpenSSL and the `rsa` crate. docs/key-generation.md bounds the bias.

mod checks;
mod prime;
mod rng;
mod sieve;

use core::ops::ControlFlow;

pub use self::{
    prime::{Prime, PrimeSearch, accepts},
    rng::MonitoredRng,
    sieve::Sieve,
};
use crate::PrivateKey;
use crypto_bigint::BoxedUint;
use rsa::rand_core::TryCryptoRng;

/// The public exponent of all keys.
pub(crate) const PUBLIC_EXPONENT: u32 = 65537;

/// Supported key sizes. The API accepts RSA-4096 and longer; the shorter ones are for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySize {
    /// 2048 bits.
    Rsa2048,
    /// 3072 bits.
    Rsa3072,
    /// 4096 bits.
    Rsa4096,
}

impl KeySize {
    /// Bits of the modulus.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
        }
    }

    /// The size with this number of bits, if it's supported.
    #[must_use]
    pub fn of_bits(bits: u32) -> Option<Self> {
        [Self::Rsa2048, Self::Rsa3072, Self::Rsa4096]
            .into_iter()
            .find(|size| size.bits() == bits)
    }

    /// Average number of candidates tested per prime: one in `ln(2^bits)` numbers is prime, and the
    /// sieve leaves e^-gamma / ln(bound) of all numbers (Mertens' third theorem).
    #[must_use]
    pub fn candidates_per_prime(self) -> f64 {
        const E_TO_MINUS_GAMMA: f64 = 0.561_459_483_566_885;
        f64::from(self.bits() / 2) * core::f64::consts::LN_2 * E_TO_MINUS_GAMMA
            / f64::from(sieve::BOUND).ln()
    }

    /// Rounds of Miller-Rabin with random bases, so that a composite passes with a probability of at most
    /// 2^-112, 2^-128 or 2^-144 (FIPS 186-5, table B.1), also with increments from a random start. A test
    /// computes them, which would take milliseconds here.
    #[must_use]
    pub const fn miller_rabin_rounds(self) -> usize {
        match self {
            Self::Rsa2048 => 5,
            Self::Rsa3072 | Self::Rsa4096 => 4,
        }
    }
}

/// Progress of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Primes found, of two.
    pub primes_found: u8,
    /// Candidates tested so far, for both primes.
    pub candidates_tested: u32,
    /// Candidates tested so far, for the current prime.
    pub candidates_for_this_prime: u32,
}

impl Progress {
    /// The probability, from 0 to 1, that a search has found the current prime by now.
    #[must_use]
    pub fn likelihood(&self, size: KeySize) -> f64 {
        let none = 1.0 - 1.0 / size.candidates_per_prime();
        1.0 - none.powf(f64::from(self.candidates_for_this_prime))
    }
}

/// A key pair with the signature from its self-test.
pub struct CheckedPair {
    /// The key pair.
    pub key: PrivateKey,
    /// RS256 signature of [`CHECKED_MESSAGE`].
    pub signature: Vec<u8>,
}

/// The message that each new key pair signs in its self-test.
pub const CHECKED_MESSAGE: &[u8] = b"Keyside signs this with every new pair, to check the pair.";

/// Why no key pair was generated. Nothing of an unfinished one is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// The observer ended the search.
    #[error("Key generation was canceled. Nothing was kept.")]
    Cancelled,
    /// The random generator failed. There is no fallback.
    #[error(
        "The random generator failed, so no key was created. Reload the page; if that doesn't \
         help, use another browser."
    )]
    Randomness,
    /// A new key pair failed its self-test because of a hardware fault or a bug.
    #[error(
        "The new key pair failed its self-test and was discarded. Try again; if it happens again, \
         don't create keys on this computer, and report the problem."
    )]
    SelfCheck,
}

/// Generates a key pair of `size` with random numbers from `rng`, and checks it as
/// [`assemble_pair`] does. `observe` receives the progress before each test of two candidates; when it
/// returns `Break`, the search ends.
///
/// # Errors
/// [`GenerateError`].
pub fn make_key_pair<R: TryCryptoRng + ?Sized>(
    rng: &mut R,
    size: KeySize,
    observe: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<PrivateKey, GenerateError> {
    let mut search = PrimeSearch::new(rng, size);
    loop {
        let first = make_prime(&mut search, 0, observe)?;
        let second = make_prime(&mut search, 1, observe)?;
        if let Some(pair) = assemble_pair(&first, &second)? {
            return Ok(pair.key);
        }
    }
}

fn make_prime<R: TryCryptoRng + ?Sized>(
    search: &mut PrimeSearch<'_, R>,
    primes_found: u8,
    observe: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Prime, GenerateError> {
    let before = search.tested();
    loop {
        let progress = Progress {
            primes_found,
            candidates_tested: search.tested(),
            candidates_for_this_prime: search.tested() - before,
        };
        if observe(progress).is_break() {
            return Err(GenerateError::Cancelled);
        }
        if let Some(probable) = search.test_next()?
            && search.accepts(&probable)?
        {
            return Ok(probable);
        }
    }
}

/// Builds the key pair from two primes and checks it: the clauses in the module's table, a
/// signature that it makes and verifies, and its PEM, which is read back and compared. `None` when
/// the primes don't meet the clauses together: then another prime is needed.
///
/// # Errors
/// [`GenerateError::SelfCheck`].
pub fn assemble_pair(first: &Prime, second: &Prime) -> Result<Option<CheckedPair>, GenerateError> {
    // Safari's WebCrypto accepts only p > q.
    let (p, q) = if first.value() > second.value() {
        (first, second)
    } else {
        (second, first)
    };
    if p.size() != q.size() || !checks::far_apart(p.value(), q.value(), p.size()) {
        return Ok(None);
    }
    let key = rsa::PrivateKey::from_p_q(
        p.value().clone(),
        q.value().clone(),
        BoxedUint::from(PUBLIC_EXPONENT),
    )
    .map_err(|_| GenerateError::SelfCheck)?;
    if !checks::exponent_is_long(&key, p.size()) {
        return Ok(None);
    }
    let key = PrivateKey::from_rsa(key).map_err(|_| GenerateError::SelfCheck)?;
    let signature = checks::pairwise_consistent(&key)?;
    Ok(Some(CheckedPair { key, signature }))
}

#[cfg(test)]
#[path = "generate/tests.rs"]
pub(crate) mod tests;
