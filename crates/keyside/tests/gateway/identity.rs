//! `--identity`: only people whom the proxy has signed in, by a JWT of the issuer's for this gateway, may call.

use std::{fs, process::Command, time::Duration};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use connectrpc::ErrorCode;
use jsonwebtoken::{
    Algorithm, EncodingKey, Header, encode,
    jwk::{Jwk, JwkSet},
};
use keyside_iam::iam::{
    GetProfileRequest,
    oneof::{get_profile_response::Profile, user_profile::AttributesOptional},
};
use rsa::{
    pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey},
    pkcs8::LineEnding,
};
use serde_json::{Value, json};

use crate::support::{ADMIN_TOKEN, Folders, Gateway, code, get, key, make_key, new_key, now_s};

const HEADER: &str = "x-proxy-jwt";
const ISSUER: &str = "https://auth.example/";
const AUDIENCE: &str = "keys.example";

/// A private key in PKCS#8, by openssl.
fn generated(options: &str) -> Vec<u8> {
    let line = format!("openssl genpkey {options} | openssl pkcs8 -topk8 -nocrypt -outform DER");
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    assert!(output.status.success());
    output.stdout
}

/// An issuer with a key for each algorithm.
struct Issuer {
    keys: [(&'static str, Algorithm, EncodingKey); 3],
}

impl Issuer {
    fn new() -> Self {
        let rsa = key().to_pkcs1_der().unwrap();
        let ec = generated("-algorithm EC -pkeyopt ec_paramgen_curve:P-256");
        let ed = generated("-algorithm ED25519");
        Self {
            keys: [
                (
                    "r",
                    Algorithm::RS256,
                    EncodingKey::from_rsa_der(rsa.as_bytes()),
                ),
                ("e", Algorithm::ES256, EncodingKey::from_ec_der(&ec)),
                ("o", Algorithm::EdDSA, EncodingKey::from_ed_der(&ed)),
            ],
        }
    }

    fn jwks(&self) -> JwkSet {
        let jwk = |(id, algorithm, key): &(&str, Algorithm, EncodingKey)| {
            let mut jwk = Jwk::from_encoding_key(key, *algorithm).unwrap();
            jwk.common.key_id = Some((*id).to_owned());
            jwk
        };
        JwkSet {
            keys: self.keys.iter().map(jwk).collect(),
        }
    }

    /// A JWT with the key of this number.
    fn sign(&self, at: usize, claims: &Value) -> String {
        let (id, algorithm, key) = &self.keys[at];
        let mut header = Header::new(*algorithm);
        header.kid = Some((*id).to_owned());
        encode(&header, claims, key).unwrap()
    }
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "user-7", "email": "anna@example.org",
        "name": "Anna", "groups": ["platform"], "iat": now_s(), "exp": now_s() + 300 })
}

/// The claims with these changed, or removed if null.
fn with(changes: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

/// A gateway in front of `upstream` for people of the issuer, whose keys are in a file.
fn start(folders: &Folders, upstream: &Gateway, jwks: &str) -> Gateway {
    let keys = folders.root.path().join("jwks.json");
    fs::write(&keys, jwks).unwrap();
    start_with(folders, upstream, &keys.display().to_string())
}

/// The same, with the place of the keys.
fn start_with(folders: &Folders, upstream: &Gateway, keys: &str) -> Gateway {
    let mut command = folders.command();
    command
        .args(["--upstream", &upstream.address])
        .args(folders.token_command(ADMIN_TOKEN))
        .arg("--identity")
        .arg(format!(
            "header={HEADER},issuer={ISSUER},audience={AUDIENCE},jwks={keys}"
        ))
        .arg("--audit-log")
        .arg(folders.root.path().join("audit.jsonl"))
        .env_remove("KEYSIDE_ADMIN_TOKEN");
    Gateway::start(command)
}

/// Who the gateway says that a caller with this JWT is.
async fn who(gateway: &Gateway, jwt: &str) -> Result<(String, String), connectrpc::ConnectError> {
    let client = gateway.client(None).with_header(HEADER, jwt);
    let answer = client.profile().get(GetProfileRequest::default()).await?;
    let Some(Profile::UserProfile(user)) = answer.into_owned().profile else {
        panic!("not a person")
    };
    let Some(AttributesOptional::Attributes(attributes)) = user.attributes_optional else {
        panic!("no attributes")
    };
    Ok((user.id, attributes.email.unwrap_or_default()))
}

#[tokio::test]
async fn people_whom_the_proxy_has_signed_in_call_with_the_gateways_token_and_are_recorded() {
    let (behind, before) = (Folders::new(), Folders::new());
    let upstream = behind.start();
    let issuer = Issuer::new();
    let jwks = serde_json::to_string(&issuer.jwks()).unwrap();
    let gateway = start(&before, &upstream, &jwks);
    for at in 0..issuer.keys.len() {
        let jwt = issuer.sign(at, &claims());
        let person = who(&gateway, &jwt).await.unwrap();
        assert_eq!(person, ("user-7".to_owned(), "anna@example.org".to_owned()));
    }
    // Clocks differ a little.
    for accepted in [
        json!({ "exp": now_s() - 30 }),
        json!({ "nbf": now_s() + 30 }),
        json!({ "aud": ["other", AUDIENCE] }),
        json!({ "email": null, "groups": null, "name": null, "iat": null }),
    ] {
        let jwt = issuer.sign(1, &with(accepted.clone()));
        assert!(who(&gateway, &jwt).await.is_ok(), "{accepted}");
    }
    // An address that the issuer doesn't vouch for could be anybody's.
    for (verified, email) in [
        (json!(false), ""),
        (json!("false"), ""),
        (json!(true), "anna@example.org"),
        (json!("true"), "anna@example.org"),
    ] {
        let jwt = issuer.sign(1, &with(json!({ "email_verified": verified })));
        assert_eq!(who(&gateway, &jwt).await.unwrap().1, email, "{verified}");
    }
    let jwt = issuer.sign(0, &claims());
    let client = gateway.client(None).with_header(HEADER, &jwt);
    let id = client.create_key(new_key(&upstream)).await.unwrap();
    assert_eq!(upstream.admin().key(&id).await.unwrap().metadata.id, id);
    // A token in the usual header is ignored.
    let other = gateway.client(Some("of-nobody")).with_header(HEADER, &jwt);
    assert!(other.key(&id).await.is_ok());
    let audit = fs::read_to_string(before.root.path().join("audit.jsonl")).unwrap();
    let record: Value = serde_json::from_str(audit.lines().next().unwrap()).unwrap();
    assert_eq!(record["by"], "user-7");
    assert_eq!(record["email"], "anna@example.org");
    let log = gateway.log.lock().unwrap().clone();
    for secret in [ADMIN_TOKEN, jwt.rsplit('.').next().unwrap()] {
        assert!(!log.contains(secret) && !audit.contains(secret));
    }
    // The page is told not to ask for a token.
    let config = get(&gateway.address, "/config.json");
    assert!(config.contains("\"sign-in\":\"proxy\""), "{config}");
}

#[tokio::test]
async fn forged_expired_and_foreign_jwts_are_refused() {
    let (behind, before) = (Folders::new(), Folders::new());
    let upstream = behind.start();
    let issuer = Issuer::new();
    let mut jwks = serde_json::to_value(issuer.jwks()).unwrap();
    let weak = make_key(1024);
    let weak_key = EncodingKey::from_rsa_der(weak.to_pkcs1_der().unwrap().as_bytes());
    let mut weak_jwk = Jwk::from_encoding_key(&weak_key, Algorithm::RS256).unwrap();
    weak_jwk.common.key_id = Some("weak".to_owned());
    let secret = BASE64_URL_SAFE_NO_PAD.encode("a symmetric key of the issuer's, by mistake");
    let all = jwks["keys"].as_array_mut().unwrap();
    all.push(serde_json::to_value(weak_jwk).unwrap());
    all.push(json!({ "kty": "oct", "kid": "s", "k": secret }));
    let jwks = jwks.to_string();
    let gateway = start(&before, &upstream, &jwks);

    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let good = issuer.sign(0, &claims());
    let [header, payload, signature] = [0, 1, 2].map(|at| good.split('.').nth(at).unwrap());
    let signed = |algorithm: Algorithm, kid: Option<&str>, key: &EncodingKey| {
        let mut header = Header::new(algorithm);
        header.kid = kid.map(str::to_owned);
        encode(&header, &claims(), key).unwrap()
    };
    let hmac = |secret: &[u8], kid: &str| {
        let key = EncodingKey::from_secret(secret).unwrap();
        signed(Algorithm::HS256, Some(kid), &key)
    };
    let stranger = make_key(2048);
    let stranger = EncodingKey::from_rsa_der(stranger.to_pkcs1_der().unwrap().as_bytes());
    let public_pem = key().to_public_key().to_pkcs1_pem(LineEnding::LF).unwrap();
    let own = &issuer.keys[0].2;
    let mut with_own_jwk = Header::new(Algorithm::RS256);
    with_own_jwk.jwk = Jwk::from_encoding_key(&stranger, Algorithm::RS256).ok();
    with_own_jwk.jku = Some("http://127.0.0.1:9/jwks.json".to_owned());
    let mut altered = signature.to_owned().into_bytes();
    altered[10] = if altered[10] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).unwrap();
    let refused = [
        ("nothing in it", String::new()),
        ("no JWT", "anna@example.org".to_owned()),
        ("with a scheme", format!("Bearer {good}")),
        ("without a signature", format!("{header}.{payload}.")),
        ("two parts", format!("{header}.{payload}")),
        ("altered signature", format!("{header}.{payload}.{altered}")),
        (
            "altered claims",
            format!(
                "{header}.{}.{signature}",
                part(&with(json!({ "sub": "root" })))
            ),
        ),
        (
            "alg none",
            format!("{}.{payload}.", part(&json!({ "alg": "none", "kid": "r" }))),
        ),
        (
            "alg None with the signature",
            format!("{}.{payload}.{signature}", part(&json!({ "alg": "None" }))),
        ),
        (
            "no alg",
            format!("{}.{payload}.{signature}", part(&json!({ "kid": "r" }))),
        ),
        (
            "HS256 with the public key",
            hmac(public_pem.as_bytes(), "r"),
        ),
        ("HS256 with the key set", hmac(jwks.as_bytes(), "r")),
        (
            "HS256 with a symmetric key of the set",
            hmac(b"a symmetric key of the issuer's, by mistake", "s"),
        ),
        ("RS384", signed(Algorithm::RS384, Some("r"), own)),
        ("PS256", signed(Algorithm::PS256, Some("r"), own)),
        (
            "a stranger's key",
            signed(Algorithm::RS256, Some("r"), &stranger),
        ),
        (
            "a stranger's kid",
            signed(Algorithm::RS256, Some("x"), &stranger),
        ),
        (
            "its own key in its header",
            encode(&with_own_jwk, &claims(), &stranger).unwrap(),
        ),
        (
            "no kid among several keys",
            signed(Algorithm::RS256, None, own),
        ),
        (
            "another key's kid",
            signed(Algorithm::RS256, Some("e"), own),
        ),
        (
            "a key that is too short",
            signed(Algorithm::RS256, Some("weak"), &weak_key),
        ),
        ("crit", {
            let header = part(&json!({ "alg": "RS256", "kid": "r", "crit": ["exp"] }));
            format!("{header}.{payload}.{signature}")
        }),
        (
            "expired",
            issuer.sign(0, &with(json!({ "exp": now_s() - 61 }))),
        ),
        (
            "replayed a day later",
            issuer.sign(
                0,
                &with(json!({ "iat": now_s() - 86_700, "exp": now_s() - 86_400 })),
            ),
        ),
        (
            "without an end",
            issuer.sign(0, &with(json!({ "exp": null }))),
        ),
        (
            "an end that isn't a number",
            issuer.sign(0, &with(json!({ "exp": "never" }))),
        ),
        (
            "not valid yet",
            issuer.sign(0, &with(json!({ "nbf": now_s() + 120 }))),
        ),
        (
            "of the future",
            issuer.sign(0, &with(json!({ "iat": now_s() + 120 }))),
        ),
        (
            "another issuer",
            issuer.sign(0, &with(json!({ "iss": "https://auth.example.evil/" }))),
        ),
        (
            "an issuer without its slash",
            issuer.sign(0, &with(json!({ "iss": "https://auth.example" }))),
        ),
        ("no issuer", issuer.sign(0, &with(json!({ "iss": null })))),
        (
            "another audience",
            issuer.sign(0, &with(json!({ "aud": "other.example" }))),
        ),
        (
            "other audiences",
            issuer.sign(0, &with(json!({ "aud": ["a", "b"] }))),
        ),
        ("no audience", issuer.sign(0, &with(json!({ "aud": null })))),
        ("no subject", issuer.sign(0, &with(json!({ "sub": null })))),
        (
            "an empty subject",
            issuer.sign(0, &with(json!({ "sub": "" }))),
        ),
        (
            "a subject with a line feed",
            issuer.sign(0, &with(json!({ "sub": "a\nb" }))),
        ),
    ];
    assert!(refused.len() >= 25);
    for (what, jwt) in &refused {
        let answer = who(&gateway, jwt).await;
        assert_eq!(code(answer), ErrorCode::Unauthenticated, "{what}");
    }
    let bare = gateway.client(Some(ADMIN_TOKEN));
    assert_eq!(
        code(bare.create_key(new_key(&upstream)).await),
        ErrorCode::Unauthenticated
    );
    let exchange = bare.exchange("a.b.c".to_owned()).await;
    assert_eq!(code(exchange), ErrorCode::Unauthenticated);
    assert!(who(&gateway, &good).await.is_ok());
    let log = gateway.log.lock().unwrap().clone();
    assert!(!log.contains(signature), "no JWT is logged");
}

#[tokio::test]
async fn the_issuer_can_replace_its_keys() {
    let (behind, before) = (Folders::new(), Folders::new());
    let upstream = behind.start();
    let (old, new) = (Issuer::new(), Issuer::new());
    let mut new_keys = new.jwks();
    for jwk in &mut new_keys.keys {
        let id = jwk.common.key_id.take().unwrap_or_default();
        jwk.common.key_id = Some(format!("{id}2"));
    }
    // The page's folder of the other gateway serves them.
    let keys = behind.root.path().join("dist/jwks.json");
    fs::write(&keys, serde_json::to_string(&old.jwks()).unwrap()).unwrap();
    let url = format!("{}/jwks.json", upstream.address);
    let gateway = start_with(&before, &upstream, &url);
    let of_old = old.sign(1, &claims());
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("e2".to_owned());
    let of_new = encode(&header, &claims(), &new.keys[1].2).unwrap();
    assert!(who(&gateway, &of_old).await.is_ok());
    assert!(who(&gateway, &of_new).await.is_err());
    fs::write(&keys, serde_json::to_string(&new_keys).unwrap()).unwrap();
    let mut tries = 0;
    while who(&gateway, &of_new).await.is_err() {
        tries += 1;
        assert!(tries < 100, "the new key is never read");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(who(&gateway, &of_old).await.is_err());
    // An unreadable file changes nothing.
    fs::write(&keys, "{").unwrap();
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(who(&gateway, &of_old).await.is_err());
    assert!(who(&gateway, &of_new).await.is_ok());
}

#[test]
fn settings_that_would_let_everybody_in_or_nobody_are_refused() {
    let folders = Folders::new();
    let identity = "header=a,issuer=b,audience=c,jwks=missing.json";
    for (arguments, problem) in [
        (vec!["--identity", identity], "--credentials"),
        (vec!["--credentials", "file"], "everybody could use them"),
        (vec!["--token-command", "true"], "without --upstream"),
        (
            vec!["--identity", identity, "--token-command", "true"],
            "without --upstream",
        ),
        (
            vec!["--token-command", "true", "--credentials", "file"],
            "both set",
        ),
        (
            vec![
                "--upstream",
                "http://127.0.0.1:9",
                "--identity",
                identity,
                "--token-command",
                "true",
            ],
            "jwks=",
        ),
    ] {
        let output = folders.command().args(&arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && error.contains(problem),
            "{arguments:?}: {error}"
        );
    }
}
