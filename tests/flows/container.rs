//! The container image is small, holds nothing but the gateway, and runs as any user on a root that can't be written.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use keyside_e2e::{
    deployment::free_port,
    setting, tools,
    upstream::{Certificates, TOKEN, Upstream},
};
use serde_json::{Value, json};
use tempfile::TempDir;

const MAX_BYTES: u64 = 15_000_000;

/// An image as a registry would hold it, unpacked.
struct Image {
    folder: TempDir,
    config: Value,
    bytes: u64,
}

impl Image {
    /// Builds it with buildah, which needs no registry for it.
    fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let within = |name: &str| folder.path().join(name);
        let containerfile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/Containerfile");
        let archive = format!("oci-archive:{}", within("image.tar").display());
        let buildah = |arguments: &[&Path]| {
            let mut command = Command::new("buildah");
            command
                .args(["--storage-driver", "vfs", "--root"])
                .args([&within("storage"), Path::new("--runroot"), &within("run")])
                .args(arguments);
            done(command);
        };
        buildah(&[
            "build".as_ref(),
            "--isolation=chroot".as_ref(),
            "--tag=keyside".as_ref(),
            "--file".as_ref(),
            &containerfile,
            &setting("KEYSIDE_IMAGE"),
        ]);
        buildah(&["push".as_ref(), "keyside".as_ref(), archive.as_ref()]);
        unpack(&within("image.tar"), &within("layout"));
        let blob = |digest: &Value| {
            let digest = digest.as_str().unwrap().replace(':', "/");
            within("layout/blobs").join(digest)
        };
        let json =
            |path: PathBuf| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
        let index = json(within("layout/index.json"));
        let manifest = json(blob(&index["manifests"][0]["digest"]));
        for layer in manifest["layers"].as_array().unwrap() {
            unpack(&blob(&layer["digest"]), &within("root"));
        }
        Self {
            config: json(blob(&manifest["config"]["digest"]))["config"].clone(),
            bytes: fs::metadata(within("image.tar")).unwrap().len(),
            folder,
        }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }
}

fn done(command: Command) {
    let output = tools::run(command, b"");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
}

fn unpack(archive: &Path, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let mut command = Command::new("tar");
    command.args(["--extract", "--preserve-permissions", "--file"]);
    command.arg(archive).arg("--directory").arg(folder);
    done(command);
}

/// All files, relative to the folder.
fn files(folder: &Path) -> Vec<String> {
    let mut command = Command::new("find");
    command.args([".", "!", "-type", "d"]).current_dir(folder);
    let output = tools::run(command, b"");
    let mut files: Vec<_> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    files.sort();
    files
}

/// Starts the image's program as a container runtime does: with this root, read-only, as this user and group.
fn start(root: &Path, [user, group]: [u32; 2], arguments: &[&str]) -> Child {
    const SCRIPT: &str = r#"
        mount --bind "$1" "$1"
        mount -o remount,bind,ro "$1"
        root=$1 user=$2 group=$3
        shift 3
        exec unshare --root="$root" --setuid="$user" --setgid="$group" -- /keyside "$@"
    "#;
    Command::new("unshare")
        .args(["--mount", "--", "sh", "-euc", SCRIPT, "sh"])
        .arg(root)
        .args([user.to_string(), group.to_string()])
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn the_image_is_small_and_runs_as_any_user_on_a_read_only_root() {
    if !tools::can_mount("the container image") {
        return;
    }
    let image = Image::build();
    // Unlike println, also shown when the test passes.
    writeln!(io::stdout(), "The image has {} bytes.", image.bytes).unwrap();
    assert!(image.bytes < MAX_BYTES, "{}", image.bytes);
    let expected = ["./etc/ssl/certs/ca-certificates.crt", "./keyside"];
    assert_eq!(files(&image.root()), expected);
    assert_eq!(image.config["User"], "65532:65532");
    assert_eq!(image.config["Entrypoint"], json!(["/keyside"]));
    assert_eq!(image.config["Cmd"], json!(["serve"]));

    // A runtime mounts the names of hosts; the operator may mount other authorities.
    let names = ["cpl.iam.api.keyside.test", "tokens.iam.api.keyside.test"];
    let certificates = Certificates::make(30, &names);
    let upstream = Upstream::start_tls(&certificates);
    fs::write(
        image.root().join("etc/hosts"),
        names.map(|name| format!("127.0.0.1 {name}\n")).concat(),
    )
    .unwrap();
    fs::copy(
        certificates.path("ca.pem"),
        image.root().join("etc/ssl/certs/ca-certificates.crt"),
    )
    .unwrap();
    asks_the_name_server(&image.root());
    // The image's own user, and one that OpenShift might pick.
    for ids in [[65_532, 65_532], [1_000_720_000, 0]] {
        serves_the_page_and_the_api(&image.root(), ids, &upstream);
    }
}

fn serves_the_page_and_the_api(root: &Path, ids: [u32; 2], upstream: &Upstream) {
    let address = format!("127.0.0.1:{}", free_port());
    let base = format!("api.keyside.test:{}", upstream.port);
    let child = start(
        root,
        ids,
        &["serve", "--listen", &address, "--upstream", &base],
    );
    let inside = PathBuf::from(format!("/proc/{}", child.id()));
    let stop = Stop(Some(child));
    let mut ready = Command::new("curl");
    ready
        .args(["-fsS", "--retry", "50", "--retry-delay", "1"])
        .args(["--retry-connrefused", "--max-time", "20"])
        .arg(format!("http://{address}/readyz"));
    done(ready);
    let status = fs::read_to_string(inside.join("status")).unwrap();
    let [user, group] = ids;
    for line in [
        format!("Uid:\t{user}\t{user}\t{user}\t{user}"),
        format!("Gid:\t{group}\t{group}\t{group}\t{group}"),
        "CapEff:\t0000000000000000".to_owned(),
    ] {
        assert!(status.contains(&line), "{line}: {status}");
    }
    let refused = fs::write(inside.join("root/file"), "").unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ReadOnlyFilesystem);

    let (status, answer) = tools::curl(
        &address,
        "nebius.iam.v1.ProfileService/Get",
        Some(TOKEN),
        &json!({}),
    );
    assert_eq!(status, 200, "{answer}");
    let mut page = Command::new("curl");
    page.args(["-fsS", &format!("http://{address}/")]);
    let page = tools::run(page, b"");
    assert!(String::from_utf8_lossy(&page.stdout).contains("<title>Keyside"));
    stop.gracefully();
}

/// With nothing but /etc/resolv.conf, which a runtime mounts too: in a network of its own, where nothing listens.
fn asks_the_name_server(root: &Path) {
    const SCRIPT: &str = r#"
        ip link set lo up
        "$1" "$2" > "$3" &
        until grep -q 53 "$3"; do sleep 0.1; done
        unshare --root="$4" --setuid=65532 --setgid=65532 -- /keyside check http://keys.keyside.test:8080/ || true
        kill $!
    "#;
    fs::write(root.join("etc/resolv.conf"), "nameserver 127.0.0.1\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("timeout");
    command
        .args(["60", "unshare", "--net", "--", "sh", "-euc", SCRIPT, "sh"])
        .arg(setting("KEYSIDE_PYTHON"))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/upstream/dns.py"))
        .arg(folder.path().join("printed"))
        .arg(root);
    let output = tools::run(command, b"");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("Connection refused"), "{output:?}");
}

/// A program that is stopped when dropped.
struct Stop(Option<Child>);

impl Stop {
    /// Asks it to stop, as a runtime does, and waits for it.
    fn gracefully(mut self) {
        let child = self.0.take().unwrap();
        let mut signal = Command::new("kill");
        signal.args(["-TERM", &child.id().to_string()]);
        done(signal);
        let output = child.wait_with_output().unwrap();
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{:?} {printed}", output.status);
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
