//! The manifests for Kubernetes follow its schema and its restricted pod security, and the gateway accepts their
//! settings.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use keyside_e2e::{
    gateway::{ADMIN_TOKEN, Gateway, More},
    setting, tools,
};
use serde_json::{Value, json};

/// All manifests of the team's page.
fn manifests() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/kubernetes/team");
    let mut command = tools::python("kubernetes.py");
    command.arg(folder);
    let output = tools::run(command, b"");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Those of a kind, by name.
fn of_kind<'a>(manifests: &'a [Value], kind: &str) -> Vec<(&'a str, &'a Value)> {
    let found = manifests.iter().filter(|manifest| manifest["kind"] == kind);
    found
        .map(|manifest| (manifest["metadata"]["name"].as_str().unwrap(), manifest))
        .collect()
}

#[test]
fn manifests_follow_the_schema_and_restricted_pod_security() {
    let all = manifests();
    let namespaces = of_kind(&all, "Namespace");
    let labels = &namespaces[0].1["metadata"]["labels"];
    assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
    let deployments = of_kind(&all, "Deployment");
    assert_eq!(deployments.len(), 2);
    for (name, deployment) in &deployments {
        // No single node or upgrade takes all of it away.
        assert!(deployment["spec"]["replicas"].as_u64() >= Some(2), "{name}");
        let pod = &deployment["spec"]["template"];
        let labels = &pod["metadata"]["labels"];
        assert_eq!(&deployment["spec"]["selector"]["matchLabels"], labels);
        for kind in ["PodDisruptionBudget", "Service"] {
            let found = of_kind(&all, kind);
            let (_, own) = found.iter().find(|(found, _)| found == name).unwrap();
            let selector = match kind {
                "Service" => &own["spec"]["selector"],
                _ => &own["spec"]["selector"]["matchLabels"],
            };
            assert_eq!(selector, labels, "{name} {kind}");
        }
        let pod = &pod["spec"];
        assert_eq!(pod["automountServiceAccountToken"], false, "{name}");
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{name}");
        let profile = &pod["securityContext"]["seccompProfile"]["type"];
        assert_eq!(profile, "RuntimeDefault", "{name}");
        for container in pod["containers"].as_array().unwrap() {
            let context = json!({ "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": { "drop": ["ALL"] } });
            assert_eq!(container["securityContext"], context, "{name}");
            for needed in ["readinessProbe", "livenessProbe"] {
                assert!(
                    container[needed]["httpGet"]["path"].is_string(),
                    "{name} {needed}"
                );
            }
            assert!(
                container["resources"]["limits"]["memory"].is_string(),
                "{name}"
            );
            let image = container["image"].as_str().unwrap();
            assert!(!image.ends_with(":latest"), "{image}");
        }
    }
    // Nobody reaches the gateway but the proxy, and Prometheus its metrics.
    let policies = of_kind(&all, "NetworkPolicy");
    let ingress = &policies[0].1["spec"]["ingress"];
    let proxy = &ingress[0]["from"][0]["podSelector"]["matchLabels"];
    assert_eq!(proxy["app.kubernetes.io/name"], "oauth2-proxy");
    assert_eq!(ingress[0]["ports"], json!([{ "port": "http" }]));
    assert_eq!(ingress[1]["ports"], json!([{ "port": "metrics" }]));
    assert_eq!(ingress.as_array().unwrap().len(), 2);
}

#[test]
fn the_gateway_starts_with_the_settings_of_the_manifests() {
    let all = manifests();
    let settings = of_kind(&all, "ConfigMap")[0].1["data"]
        .as_object()
        .unwrap()
        .clone();
    let folder = tempfile::tempdir().unwrap();
    let jwks = folder.path().join("jwks.json");
    fs::write(
        &jwks,
        r#"{ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "a",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] }"#,
    )
    .unwrap();
    let token = folder.path().join("token");
    fs::write(&token, ADMIN_TOKEN).unwrap();
    let api = Gateway::start();
    // What only a cluster has is here: addresses, the API, the issuer's keys, the credentials.
    let environment = settings.into_iter().filter_map(|(name, value)| {
        let value = value.as_str().unwrap().to_owned();
        let here = match name.as_str() {
            "KEYSIDE_LISTEN" | "KEYSIDE_CREDENTIALS" => return None,
            "KEYSIDE_METRICS_LISTEN" => "127.0.0.1:0".to_owned(),
            "KEYSIDE_UPSTREAM" => format!("http://{}", api.address()),
            "KEYSIDE_IDENTITY" => {
                let (setting, keys) = value.split_once("jwks=").unwrap();
                assert_eq!(keys, "https://auth.example/keys");
                format!("{setting}jwks={}", jwks.display())
            }
            _ => value,
        };
        Some((name, here))
    });
    let command = format!("cat '{}'", token.display());
    let more = More {
        environment: environment
            .chain([("KEYSIDE_TOKEN_COMMAND".to_owned(), command)])
            .collect(),
        ..More::default()
    };
    let gateway = Gateway::with(setting("KEYSIDE_DIST"), more);
    for path in ["healthz", "readyz"] {
        // The kubelet calls by the pod's address, and without a token.
        let mut curl = Command::new("curl");
        curl.args(["-fsS", "-H", "host: 10.0.0.7:8080"])
            .arg(format!("http://{}/{path}", gateway.address()));
        let output = tools::run(curl, b"");
        assert!(output.status.success(), "{path}: {output:?}");
    }
}

/// No registry has an API server to run the guide's commands on, so this compares them with the manifests.
#[test]
fn the_guide_creates_the_namespace_and_the_secrets_of_the_manifests() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operate.md");
    let guide = fs::read_to_string(guide).unwrap().replace("\\\n", " ");
    let mut created = BTreeMap::new();
    for line in guide.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("kubectl -n keyside create secret generic ") {
            let mut words = rest.split_whitespace();
            let name = words.next().unwrap().to_owned();
            let entries = words.map(|word| {
                let entry = word
                    .strip_prefix("--from-file=")
                    .or_else(|| word.strip_prefix("--from-literal="));
                let (key, _) = entry
                    .unwrap()
                    .split_once('=')
                    .unwrap_or((entry.unwrap(), ""));
                key.to_owned()
            });
            created.insert(name, entries.collect::<BTreeSet<_>>());
        }
    }
    let all = manifests();
    let namespace = of_kind(&all, "Namespace")[0].0;
    assert!(guide.contains(&format!("kubectl create namespace {namespace}\n")));
    let used: BTreeSet<&str> = of_kind(&all, "Deployment")
        .iter()
        .flat_map(|(_, deployment)| {
            let pod = &deployment["spec"]["template"]["spec"];
            let files = pod["volumes"].as_array().into_iter().flatten();
            let files = files.filter_map(|volume| volume["secret"]["secretName"].as_str());
            let sources = pod["containers"].as_array().into_iter().flatten();
            let sources = sources.flat_map(|it| it["envFrom"].as_array().into_iter().flatten());
            files.chain(sources.filter_map(|source| source["secretRef"]["name"].as_str()))
        })
        .collect();
    let created_names: BTreeSet<&str> = created.keys().map(String::as_str).collect();
    assert_eq!(created_names, used);
    let credentials = of_kind(&all, "ConfigMap")[0].1["data"]["KEYSIDE_CREDENTIALS"].as_str();
    let (_, file) = credentials.unwrap().rsplit_once('/').unwrap();
    assert!(created["keyside-credentials"].contains(file), "{created:?}");
    for variable in ["OAUTH2_PROXY_CLIENT_SECRET", "OAUTH2_PROXY_COOKIE_SECRET"] {
        assert!(created["oauth2-proxy"].contains(variable), "{created:?}");
    }
}

#[test]
fn the_embedded_iam_has_to_be_asked_for_in_kubernetes() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(setting("KEYSIDE_BIN"))
        .args(["serve", "--listen", "127.0.0.1:0", "--dist"])
        .arg(setting("KEYSIDE_DIST"))
        .env("KUBERNETES_SERVICE_HOST", "10.0.0.1")
        .env_remove("KEYSIDE_ADMIN_TOKEN")
        .current_dir(&folder)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && error.contains("single replica"),
        "{error}"
    );
    let left = fs::read_dir(&folder).unwrap().count();
    assert_eq!(left, 0);
}
