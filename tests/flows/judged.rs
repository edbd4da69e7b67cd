//! Key pairs generated in a browser, verified by third-party programs.

use std::{fmt::Write, fs, path::Path, process::Output};

use keyside_e2e::{browser::Browser, module::ModulePage, tools};

/// The number of pairs of each size.
const PAIRS: [(u32, usize); 2] = [(2048, 200), (4096, 40)];

/// Has the browser generate and save pairs, a limited number for each command.
async fn make(browser: &Browser, bits: u32, count: usize, folder: &Path) {
    const BATCH: usize = 20;
    for batch in 0..count / BATCH {
        let made = browser
            .run_until_done(&format!(
                "const pems = [];
                for (let i = 0; i < {BATCH}; i += 1) {{
                    const pair = await keyside.generate({{ bits: {bits} }});
                    if (!pair.fast || !pair.crossChecked) throw new Error('not the fast engine');
                    pems.push(new TextDecoder().decode(await pair.privateKeyPem()));
                    pair.free();
                }}
                done(pems);"
            ))
            .await;
        let pems = made.as_array().unwrap_or_else(|| panic!("{made}"));
        for (at, pem) in pems.iter().enumerate() {
            let path = folder.join(format!("{bits}-{batch}-{at}.pem"));
            fs::write(path, pem.as_str().unwrap()).unwrap();
        }
    }
}

fn check(folder: &Path) -> Output {
    tools::python("judge.py")
        .arg(folder)
        .output()
        .expect("Python starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_made_in_the_browser_pass_openssl_gnutls_badkeys_and_arithmetic() {
    let page = ModulePage::open().await;
    let folder = tempfile::tempdir().unwrap();
    for (bits, count) in PAIRS {
        make(&page.browser, bits, count, folder.path()).await;
    }
    let mut seen = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let pem = fs::read(&path).unwrap();
        tools::openssl(&["rsa", "-check", "-noout"], &pem);
        // GnuTLS reads it and derives the same public key.
        let public = tools::openssl(&["rsa", "-pubout"], &pem);
        let printed = tools::certtool(&["--pubkey-info", "--load-privkey", path.to_str().unwrap()]);
        assert!(
            printed.contains(&String::from_utf8(public).unwrap()),
            "{printed}"
        );
        seen += 1;
    }
    assert_eq!(seen, 240);
    let output = check(folder.path());
    let printed = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    assert!(
        printed.contains("200 of 2048 bits") && printed.contains("40 of 4096 bits"),
        "{printed}"
    );
    println!("{printed}");
}

#[test]
fn the_checks_find_every_planted_fault() {
    let folder = tempfile::tempdir().unwrap();
    let key = |bits: &str| tools::openssl(&["genrsa", bits], b"");
    fs::write(folder.path().join("small.pem"), key("1024")).unwrap();
    let twice = key("2048");
    fs::write(folder.path().join("one.pem"), &twice).unwrap();
    fs::write(folder.path().join("two.pem"), &twice).unwrap();
    let exponent = tools::openssl(&["genrsa", "-3", "2048"], b"");
    fs::write(folder.path().join("three.pem"), exponent).unwrap();
    let output = check(folder.path());
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success());
    let mut missing = String::new();
    for fault in [
        "small.pem: not so: nlen is",
        "three.pem: not so: e = 65537",
        "one.pem: shares a prime",
        "two.pem: shares a prime",
        "a prime came twice",
    ] {
        if !printed.contains(fault) {
            writeln!(missing, "{fault}").unwrap();
        }
    }
    assert!(
        missing.is_empty(),
        "not found: {missing}\nprinted: {printed}"
    );
}
