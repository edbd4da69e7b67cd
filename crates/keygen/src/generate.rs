//! Makes an RSA pair: two primes, then the checks of FIPS 186-5 and a look at the finished pair.
//!
//! | FIPS 186-5, appendix | how |
//! |---|---|
//! | A.1.1: e is odd, 2^16 < e < 2^256 | e = 65537 |
//! | A.1.3: p, q > sqrt(2) 2^(nlen/2 - 1) | both top bits set, so p, q >= 1.5 x 2^(nlen/2 - 1) |
//! | A.1.3: gcd(p - 1, e) = 1 | checked before a candidate's exponentiation |
//! | A.1.3: abs(p - q) > 2^(nlen/2 - 100) | checked, else both are drawn again |
//! | A.1.1: d = e^-1 mod lcm(p - 1, q - 1), d > 2^(nlen/2) | by `rsa`'s `from_p_q`; checked |
//! | B.3: rounds of Miller-Rabin for the error bound | [`KeySize::miller_rabin_error`] |
//!
//! Candidates are not drawn independently, as A.1.3 has it, but by increments from a random start
//! (as OpenSSL does, and the `rsa` crate). docs/key-generation.md bounds the bias.

mod checks;
mod prime;
mod rng;
mod sieve;

use core::ops::ControlFlow;

use self::prime::Search;
pub use self::{
    prime::{Acceptance, Prime},
    rng::Watched,
    sieve::Sieve,
};
use crate::PrivateKey;
use crypto_bigint::BoxedUint;
use rsa::rand_core::TryCryptoRng;

/// The public exponent of every key made here.
pub(crate) const PUBLIC_EXPONENT: u32 = 65537;

/// Sizes on offer. The API takes RSA-4096 and longer; the shorter ones serve tests.
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

    /// The size of so many bits, if it is on offer.
    #[must_use]
    pub fn of_bits(bits: u32) -> Option<Self> {
        [Self::Rsa2048, Self::Rsa3072, Self::Rsa4096]
            .into_iter()
            .find(|size| size.bits() == bits)
    }

    /// Candidates that are tested per prime, on average: one number of `ln(2^bits)` is prime, and
    /// of all numbers the sieve leaves e^-gamma / ln(bound) (Mertens' third theorem).
    #[must_use]
    pub fn candidates_per_prime(self) -> f64 {
        const E_TO_MINUS_GAMMA: f64 = 0.561_459_483_566_885;
        f64::from(self.bits() / 2) * core::f64::consts::LN_2 * E_TO_MINUS_GAMMA
            / f64::from(sieve::BOUND).ln()
    }

    /// The bound on the odds that a composite passes, as the negative of its base-2 logarithm
    /// (FIPS 186-5, table B.1: the security strength of the modulus, and 144 for 4096 bits).
    #[must_use]
    pub const fn miller_rabin_error(self) -> u32 {
        match self {
            Self::Rsa2048 => 112,
            Self::Rsa3072 => 128,
            Self::Rsa4096 => 144,
        }
    }
}

/// How far the search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Of two.
    pub primes_found: u8,
    /// Candidates put to a primality test so far, over both primes.
    pub candidates_tested: u32,
    /// The same, for the prime that is looked for now.
    pub candidates_for_this_prime: u32,
}

impl Progress {
    /// How likely it was, from 0 to 1, that the present prime would be found by now.
    #[must_use]
    pub fn likelihood(&self, size: KeySize) -> f64 {
        let none = 1.0 - 1.0 / size.candidates_per_prime();
        1.0 - none.powf(f64::from(self.candidates_for_this_prime))
    }
}

/// What the observer of a search is told; after `Break` nothing more is done.
pub enum Step<'a> {
    /// A candidate is put to the test, which takes some milliseconds.
    Candidate(Progress),
    /// This one is most likely prime; the test that decides comes next. If it fails, another
    /// candidate follows.
    Probable(&'a Prime),
}

/// A pair with the signature that its checks made and verified.
pub struct CheckedPair {
    /// The pair.
    pub key: PrivateKey,
    /// RS256 of [`CHECKED_MESSAGE`].
    pub signature: Vec<u8>,
}

/// What every new pair signs as a check.
pub const CHECKED_MESSAGE: &[u8] = b"Keyside signs this with every new pair, to check the pair.";

/// Why no pair was made. Nothing of an unfinished pair is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// The observer asked for it.
    #[error("The generation was cancelled. Nothing of it is kept.")]
    Cancelled,
    /// The generator failed. There is no other one to fall back to.
    #[error(
        "The random generator failed, so no key was made: a key from weak random numbers could be \
         guessed. Load the page again; if that does not help, use another browser."
    )]
    Randomness,
    /// A finished pair did not pass its checks: a fault of the machine or of the program.
    #[error(
        "The new pair failed its self-check and was thrown away: the computer or the program made \
         an arithmetic error. Try again; if it happens again, do not trust this computer with \
         keys, and report it."
    )]
    SelfCheck,
}

/// Makes a pair of `size` with random numbers from `rng`, and checks it, as [`assemble_pair`] does.
///
/// # Errors
/// [`GenerateError`].
pub fn make_key_pair<R: TryCryptoRng + ?Sized>(
    rng: &mut R,
    size: KeySize,
    observe: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<PrivateKey, GenerateError> {
    let mut search = Search::new(Watched::new(rng), size, observe);
    loop {
        search.start_pair();
        let (first, second) = (search.make_prime()?, search.make_prime()?);
        if let Some(pair) = assemble_pair(&first, &second)? {
            return Ok(pair.key);
        }
    }
}

/// Makes one prime for a pair of `size`: for searches that race each other. In what `observe` is
/// told, no prime is found yet.
///
/// # Errors
/// [`GenerateError`].
pub fn make_prime<R: TryCryptoRng + ?Sized>(
    rng: &mut R,
    size: KeySize,
    observe: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<Prime, GenerateError> {
    Search::new(Watched::new(rng), size, observe).make_prime()
}

/// Makes the pair of two primes, and checks it: the clauses in the module's table, a signature
/// made and verified, and the PEM read back and compared. `None` when the two do not go together
/// by those clauses: then another prime is needed.
///
/// # Errors
/// [`GenerateError::SelfCheck`].
pub fn assemble_pair(first: &Prime, second: &Prime) -> Result<Option<CheckedPair>, GenerateError> {
    // Safari's WebCrypto takes p > q only.
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
