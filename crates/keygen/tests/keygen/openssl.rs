//! openssl reads what we write, and we read what openssl writes, to the byte. Most key pairs have
//! 2048 bits, which openssl generates in a tenth of the time: their format doesn't depend on their
//! size.

use std::{iter, ops::ControlFlow, sync::Mutex, thread};

use getrandom::SysRng;
use keyside_keygen::{
    KeySize, PrivateKey, credentials_file_name, expose_credentials_json, make_key_pair,
    sign_token_exchange_jwt,
};

use crate::support::openssl;

/// Number of key pairs of each size.
const PAIRS: [(KeySize, u32); 2] = [(KeySize::Rsa2048, 60), (KeySize::Rsa4096, 4)];

/// Runs `f` for all [`PAIRS`] on all cores.
fn for_each_pair(f: impl Fn(KeySize) + Sync) {
    let all = PAIRS
        .iter()
        .flat_map(|(size, count)| iter::repeat_n(*size, *count as usize));
    let left = Mutex::new(all);
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let next = || left.lock().unwrap().next();
                iter::from_fn(next).for_each(&f);
            });
        }
    });
}

fn make(size: KeySize) -> PrivateKey {
    make_key_pair(&mut SysRng, size, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn public_half_matches(key: &PrivateKey, private_pem: &[u8]) {
    let spki = key.public_key().to_spki_pem();
    assert_eq!(openssl(&["rsa", "-pubout"], private_pem), spki.as_bytes());
    let der = openssl(&["pkey", "-pubin", "-outform", "DER"], spki.as_bytes());
    let digest = openssl(&["dgst", "-sha256", "-c"], &der);
    let digest = String::from_utf8(digest).unwrap();
    let digest = digest.trim().rsplit("= ").next().unwrap().to_uppercase();
    assert_eq!(key.public_key().fingerprint().to_string(), digest);
}

#[test]
fn openssl_accepts_our_pairs_and_rewrites_them_to_the_same_bytes() {
    for_each_pair(|size| {
        let key = make(size);
        let pem = key.expose_pkcs8_pem().unwrap();
        let check = openssl(&["rsa", "-check", "-noout"], &pem);
        assert_eq!(String::from_utf8(check).unwrap().trim(), "RSA key ok");
        assert_eq!(openssl(&["pkey"], &pem), *pem);
        assert!(pem.ends_with(b"-----\n") && !pem.contains(&b'\r'));
        public_half_matches(&key, &pem);
    });
}

#[test]
fn we_read_openssls_pairs_and_rewrite_them_to_the_same_bytes() {
    for_each_pair(|size| {
        let pem = openssl(&["genrsa", &size.bits().to_string()], b"");
        let key = PrivateKey::from_pkcs8_pem(&pem).unwrap();
        assert_eq!(*key.expose_pkcs8_pem().unwrap(), pem);
        public_half_matches(&key, &pem);
    });
}

#[test]
fn openssl_verifies_our_jwt() {
    let key = make(KeySize::Rsa4096);
    let (kid, account) = ("publickey-e00a", "serviceaccount-e00b");
    let jwt = sign_token_exchange_jwt(&key, kid, account, 1_000, &mut SysRng).unwrap();
    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let folder = std::env::temp_dir().join(format!("keyside-jwt-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let (spki, sig) = (folder.join("public.pem"), folder.join("signature"));
    std::fs::write(&spki, key.public_key().to_spki_pem()).unwrap();
    // base64url to base64, with the padding that openssl needs.
    let mut base64 = signature.replace('-', "+").replace('_', "/");
    base64.push_str(&"=".repeat((4 - base64.len() % 4) % 4));
    std::fs::write(&sig, openssl(&["base64", "-d", "-A"], base64.as_bytes())).unwrap();
    let (spki, sig) = (spki.to_str().unwrap(), sig.to_str().unwrap());
    let output = openssl(
        &["dgst", "-sha256", "-verify", spki, "-signature", sig],
        signed.as_bytes(),
    );
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(String::from_utf8(output).unwrap().trim(), "Verified OK");
}

#[test]
fn the_credentials_file_has_the_format_of_the_sdks() {
    let pem = openssl(&["genrsa", "4096"], b"");
    let key = PrivateKey::from_pkcs8_pem(&pem).unwrap();
    let json = expose_credentials_json(&key, "publickey-e00a", "serviceaccount-e00b").unwrap();
    let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let expected = serde_json::json!({ "subject-credentials": {
        "type": "JWT",
        "alg": "RS256",
        "private-key": String::from_utf8(pem).unwrap(),
        "kid": "publickey-e00a",
        "iss": "serviceaccount-e00b",
        "sub": "serviceaccount-e00b",
    }});
    assert_eq!(value, expected);
    assert!(json.ends_with(b"}\n"));
    assert_eq!(
        credentials_file_name("serviceaccount-e00b", "publickey-e00a"),
        "serviceaccount-e00b-publickey-e00a-credentials.json"
    );
    for (kid, account) in [("", "a"), ("a", ""), ("a", "../a"), ("a\n", "a")] {
        assert!(expose_credentials_json(&key, kid, account).is_err());
        assert!(sign_token_exchange_jwt(&key, kid, account, 0, &mut SysRng).is_err());
    }
}
