//! The keys of a project as curl reads them, filtered and sorted as the page should.

use std::{cmp::Reverse, collections::HashMap};

use keyside_e2e::{
    gateway::{ADMIN_TOKEN, Gateway},
    tools,
};
use serde_json::{Value, json};

/// The length of `2026-11-25T13:05:00`; anything longer has a fraction of a second.
const TO_THE_SECOND: usize = "2026-11-25T13:05:00".len();

/// A key of the list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: String,
    pub account_id: String,
    pub account: String,
    pub description: String,
    pub fingerprint: String,
    /// The API's name for the state.
    pub state: String,
    /// UTC, to the second: `2026-11-25T13:05:00`, which sorts by time.
    pub created: String,
    /// In the same format; `None` means never.
    pub expires: Option<String>,
}

impl Listed {
    pub fn is_alive(&self) -> bool {
        ["ACTIVE", "INACTIVE"].contains(&self.state.as_str())
    }
}

/// The items of all pages of a list.
fn all(gateway: &Gateway, method: &str, parent_id: &str) -> Vec<Value> {
    let (mut items, mut token) = (Vec::new(), json!(""));
    loop {
        let request = json!({ "parentId": parent_id, "pageSize": 1000, "pageToken": token });
        let mut page = tools::ask(gateway, method, &request);
        if let Value::Array(more) = page["items"].take() {
            items.extend(more);
        }
        token = page["nextPageToken"].take();
        if token.as_str().unwrap_or_default().is_empty() {
            return items;
        }
    }
}

/// The keys of a project, in the API's order.
pub fn keys(gateway: &Gateway, project_id: &str) -> Vec<Listed> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let accounts = all(gateway, "ServiceAccountService/List", project_id);
    let names: HashMap<String, String> = accounts
        .iter()
        .map(|account| &account["metadata"])
        .map(|metadata| (text(&metadata["id"]), text(&metadata["name"])))
        .collect();
    let second = |moment: &Value| Some(moment.as_str()?[..TO_THE_SECOND].to_owned());
    let listed = |key: Value| {
        let account_id = text(&key["spec"]["account"]["serviceAccount"]["id"]);
        Listed {
            id: text(&key["metadata"]["id"]),
            account: names[&account_id].clone(),
            account_id,
            description: text(&key["spec"]["description"]),
            fingerprint: text(&key["status"]["fingerprint"]),
            state: text(&key["status"]["state"]),
            created: second(&key["metadata"]["createdAt"]).unwrap(),
            expires: second(&key["spec"]["expiresAt"]),
        }
    };
    let keys = all(gateway, "AuthPublicKeyService/List", project_id);
    keys.into_iter().map(listed).collect()
}

/// A key's current state at the API; `None` if there's no such key.
pub fn state(gateway: &Gateway, id: &str) -> Option<String> {
    let get = "nebius.iam.v1.AuthPublicKeyService/Get";
    let request = json!({ "id": id });
    let (status, key) = tools::curl(&gateway.address(), get, Some(ADMIN_TOKEN), &request);
    match status {
        200 => Some(key["status"]["state"].as_str().unwrap().to_owned()),
        404 => None,
        _ => panic!("{key}"),
    }
}

/// Uploads a public key that openssl made; returns its ID.
pub fn make_key(gateway: &Gateway, project_id: &str, account_id: &str) -> String {
    let private = tools::rsa_4096();
    let public = tools::openssl(&["rsa", "-pubout"], &private);
    let request = json!({
        "metadata": { "parentId": project_id },
        "spec": {
            "account": { "serviceAccount": { "id": account_id } },
            "description": "made elsewhere",
            "data": String::from_utf8(public).unwrap(),
        },
    });
    let operation = tools::ask(gateway, "AuthPublicKeyService/Create", &request);
    operation["resourceId"].as_str().unwrap().to_owned()
}

/// The IDs of the keys that match a filter.
pub fn filtered(keys: &[Listed], filter: &str) -> Vec<String> {
    let in_30_days = tools::dates(&["+30 days"], "UTC", "%FT%T").remove(0);
    let takes = |key: &&Listed| match filter {
        "all" => true,
        "active" => key.state == "ACTIVE",
        "inactive" => key.state == "INACTIVE",
        "expired" => key.state == "EXPIRED",
        "soon" => key.is_alive() && key.expires.as_ref().is_some_and(|at| *at < in_30_days),
        "never" => key.is_alive() && key.expires.is_none(),
        _ => panic!("no filter {filter}"),
    };
    keys.iter()
        .filter(takes)
        .map(|key| key.id.clone())
        .collect()
}

/// The IDs of the keys in an order.
pub fn sorted(keys: &[Listed], order: &str) -> Vec<String> {
    let mut keys: Vec<&Listed> = keys.iter().collect();
    let end = |key: &Listed| key.expires.clone().unwrap_or("never".to_owned());
    let states = ["ACTIVE", "INACTIVE", "EXPIRED"];
    let state = |key: &Listed| states.iter().position(|state| *state == key.state);
    match order {
        "" => {}
        "expires" => keys.sort_by_key(|key| end(key)),
        "expires-last" => keys.sort_by_key(|key| Reverse(end(key))),
        "newest" => keys.sort_by_key(|key| Reverse(key.created.clone())),
        "oldest" => keys.sort_by_key(|key| key.created.clone()),
        "state" => keys.sort_by_key(|key| state(key)),
        "account" => keys.sort_by_key(|key| (key.account.clone(), key.account_id.clone())),
        _ => panic!("no order {order}"),
    }
    keys.iter().map(|key| key.id.clone()).collect()
}
