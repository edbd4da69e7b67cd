//! Decides each call by the policy, before it's answered.

use connectrpc::{ConnectError, Payload, RequestContext, interceptor::UnaryRequest};
use http::HeaderValue;
use keyside_iam::{
    common::ListOperationsRequest,
    iam::{auth_public_key_status::State, oneof::revoke_session_request::Revoke, *},
    key_lifetime::KeyLifetime,
    permissions::{Action, KeyRules},
    token_exchange::{JWT_TYPE, SIGN_IN_CODE_TYPE},
};
use tokio::sync::{Mutex, MutexGuard};

use super::key_lifetime;
use crate::{
    error::IamError,
    operate::Caller,
    policy::{Facts, Policy, Resource, Subject, WatchedPolicy},
};

/// Decides calls by the policy in use.
pub struct Gate {
    policy: WatchedPolicy,
    /// Held while keys are counted and one is added, so that two calls can't add the last one.
    creating: Mutex<()>,
}

/// What a call wants to do, and to what.
#[derive(Debug, PartialEq, Eq)]
pub struct Wish {
    action: Action,
    target: Target,
}

#[derive(Debug, PartialEq, Eq)]
enum Target {
    Key(String),
    Account(String),
    Project(String),
    /// Tenants, projects, operations and groups. Whoever any rule is for may read them.
    Shared,
    /// Something else, which only a rule without limits allows.
    Other,
}

/// To be kept until the call is answered.
pub type Permission<'a> = Option<MutexGuard<'a, ()>>;

impl Gate {
    pub fn new(policy: WatchedPolicy) -> Self {
        Self {
            policy,
            creating: Mutex::new(()),
        }
    }

    /// Checks a call of `method` (`Service/Method`) that wants this.
    ///
    /// # Errors
    /// PERMISSION_DENIED, or INVALID_ARGUMENT for a key that breaks a rule.
    pub async fn check<B: Facts>(
        &self,
        backend: &B,
        call: &UnaryRequest,
        method: &str,
        wish: &Wish,
        caller: &Caller,
    ) -> Result<Permission<'_>, IamError> {
        let (ctx, request) = (&call.ctx, &call.payload);
        let policy = self.policy.current();
        let is_new_key = method == "AuthPublicKeyService/Create";
        decide(&policy, backend, ctx, subject(caller), wish, is_new_key).await?;
        let rules = policy.keys();
        match (method, &wish.target) {
            ("AuthPublicKeyService/Create", Target::Account(account)) => {
                check_lifetime(rules, method, request)?;
                let request = request.message::<CreateAuthPublicKeyRequest>();
                let request = request.map_err(undecodable)?;
                check_description(&policy, &request.spec.description)?;
                let guard = self.guard(rules).await;
                check_groups_of(rules, backend, ctx, account).await?;
                check_active(rules, backend, ctx, account).await?;
                Ok(guard)
            }
            ("AuthPublicKeyService/Update", _) => {
                let request = request.message::<UpdateAuthPublicKeyRequest>();
                let request = request.map_err(undecodable)?;
                // An empty description stays as it was, unless it's reset, alone or with all of the spec.
                let may_be_reset = ctx.header("x-resetmask").is_some_and(|mask| {
                    mask.to_str()
                        .map_or(true, |mask| mask.contains("spec") || mask.contains('*'))
                });
                let description = &request.spec.description;
                if may_be_reset || !description.is_empty() {
                    check_description(&policy, description)?;
                }
                Ok(None)
            }
            ("AuthPublicKeyService/Activate", Target::Key(id)) if rules.max_active.is_some() => {
                let key = backend.of_key(ctx, id).await;
                let account = key.and_then(|key| key.account).ok_or_else(unknown)?;
                let guard = self.guard(rules).await;
                check_active(rules, backend, ctx, &account).await?;
                Ok(guard)
            }
            ("GroupMembershipService/Create", _) => {
                let request = request.message::<CreateGroupMembershipRequest>();
                let request = request.map_err(undecodable)?;
                let (account, group) = (&request.spec.member_id, &request.metadata.parent_id);
                let guard = self.guard(rules).await;
                check_membership(rules, backend, ctx, account, group).await?;
                Ok(guard)
            }
            _ => Ok(None),
        }
    }

    /// Makes what is checked next stay true until the call is answered.
    async fn guard(&self, rules: &KeyRules) -> Permission<'_> {
        match rules.max_active.is_some() || !rules.not_in_groups.is_empty() {
            true => Some(self.creating.lock().await),
            false => None,
        }
    }

    /// All that the policy says about a caller, as the value of a header. None if it's too long for one.
    pub fn permissions(&self, caller: &Caller) -> Option<HeaderValue> {
        let permissions = self.policy.current().permissions(subject(caller));
        let mut value = String::new();
        for c in serde_json::to_string(&permissions).ok()?.chars() {
            match c.is_ascii() {
                true => value.push(c),
                false => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        value.push_str(&format!("\\u{unit:04x}"));
                    }
                }
            }
        }
        (value.len() <= LONGEST_HEADER)
            .then(|| HeaderValue::try_from(value).ok())
            .flatten()
    }
}

/// Checks that the account may have one more active key.
async fn check_active<B: Facts>(
    rules: &KeyRules,
    backend: &B,
    ctx: &RequestContext,
    account: &str,
) -> Result<(), IamError> {
    let Some(max) = rules.max_active else {
        return Ok(());
    };
    let states = backend.key_states(ctx, account).await;
    let states = states.ok_or_else(unknown)?;
    let is_active = |state: &&State| **state == State::ACTIVE;
    let active = states.iter().filter(is_active).count();
    match active < max {
        true => Ok(()),
        false => Err(IamError::ByPolicy(format!(
            "allows {max} active keys for an account, and this one has {active}; deactivate one first"
        ))),
    }
}

/// The service would refuse it, too.
fn undecodable(_: ConnectError) -> IamError {
    IamError::invalid("request", "it can't be decoded")
}

/// Proxies refuse answers with more than 8 KB or so of headers.
const LONGEST_HEADER: usize = 4096;

fn subject(caller: &Caller) -> Subject<'_> {
    Subject {
        id: &caller.id,
        email: caller.email.as_deref(),
        groups: &caller.groups,
    }
}

async fn decide<B: Facts>(
    policy: &Policy,
    backend: &B,
    ctx: &RequestContext,
    who: Subject<'_>,
    wish: &Wish,
    is_new_key: bool,
) -> Result<(), IamError> {
    let action = wish.action;
    let denied = |action| IamError::ByPolicy(format!("doesn't let you {action} here"));
    if wish.target == Target::Shared {
        return match policy.is_about(who) {
            true => Ok(()),
            false => Err(denied(action)),
        };
    }
    let may_rotate = is_new_key && policy.allows_some(who, Action::Rotate);
    let is_needed = policy.depends_on_resource(who, action)
        || (may_rotate && policy.depends_on_resource(who, Action::Rotate));
    let on = match is_needed {
        true => resource(backend, ctx, &wish.target).await,
        false => Resource::default(),
    };
    if policy.allows(who, action, &on).is_some() {
        return Ok(());
    }
    // A new key for an account that has one takes its place.
    if let (true, Target::Account(account)) = (may_rotate, &wish.target)
        && policy.allows(who, Action::Rotate, &on).is_some()
    {
        let states = backend.key_states(ctx, account).await.unwrap_or_default();
        let is_replaceable = |state: &State| matches!(state, State::ACTIVE | State::EXPIRED);
        return match states.iter().any(is_replaceable) {
            true => Ok(()),
            false => Err(IamError::ByPolicy(
                "lets you only rotate keys, and this account has none to replace".to_owned(),
            )),
        };
    }
    Err(denied(action))
}

/// What the target belongs to.
async fn resource<B: Facts>(backend: &B, ctx: &RequestContext, target: &Target) -> Resource {
    match target {
        Target::Key(id) => backend.of_key(ctx, id).await.unwrap_or_default(),
        Target::Account(id) => Resource {
            project: backend.project_of(ctx, id).await,
            account: Some(id.clone()),
        },
        Target::Project(id) => Resource {
            project: Some(id.clone()),
            account: None,
        },
        Target::Shared | Target::Other => Resource::default(),
    }
}

fn check_lifetime(rules: &KeyRules, method: &str, request: &Payload) -> Result<(), IamError> {
    match KeyLifetime::new(None, rules.max_lifetime) {
        Ok(lifetime) => key_lifetime::check(&lifetime, method, request),
        // Only a default can be wrong.
        Err(_) => Ok(()),
    }
}

fn check_description(policy: &Policy, description: &str) -> Result<(), IamError> {
    if policy.allows_description(description) {
        return Ok(());
    }
    let pattern = policy.keys().description.as_deref().unwrap_or_default();
    let problem = format!("the gateway's policy wants a description that matches {pattern}");
    Err(IamError::invalid("spec.description", problem))
}

/// Checks that an account that gets a key is in no group that has none.
async fn check_groups_of<B: Facts>(
    rules: &KeyRules,
    backend: &B,
    ctx: &RequestContext,
    account: &str,
) -> Result<(), IamError> {
    if rules.not_in_groups.is_empty() {
        return Ok(());
    }
    let groups = backend.groups_of(ctx, account).await;
    let groups = groups.ok_or_else(unknown)?;
    let is_named = |name: &String| rules.not_in_groups.contains(name);
    let mut groups = groups.iter();
    match groups.find(|group| is_named(&group.group_id) || is_named(&group.group_name)) {
        None => Ok(()),
        Some(group) => Err(IamError::ByPolicy(format!(
            "allows no keys for accounts in the group {}",
            group.group_name
        ))),
    }
}

/// A rule that can't be checked isn't kept.
fn unknown() -> IamError {
    IamError::ByPolicy(
        "can't be checked now: the API doesn't say which keys and groups the account has"
            .to_owned(),
    )
}

/// Checks that no account with keys joins a group that has none.
async fn check_membership<B: Facts>(
    rules: &KeyRules,
    backend: &B,
    ctx: &RequestContext,
    account: &str,
    group_id: &str,
) -> Result<(), IamError> {
    if rules.not_in_groups.is_empty() {
        return Ok(());
    }
    let states = backend.key_states(ctx, account).await;
    if states.ok_or_else(unknown)?.is_empty() {
        return Ok(());
    }
    let name = backend.group_name(ctx, group_id).await;
    let name = name.ok_or_else(unknown)?;
    let is_named = |id: &str| rules.not_in_groups.iter().any(|named| named == id);
    match is_named(group_id) || is_named(&name) {
        true => Err(IamError::ByPolicy(format!(
            "allows no accounts with keys in the group {name}"
        ))),
        false => Ok(()),
    }
}

/// What an ID is of, as far as a rule can be about it.
fn of_id(id: &str) -> Target {
    match id.split_once('-') {
        Some(("publickey", _)) => Target::Key(id.to_owned()),
        Some(("serviceaccount", _)) => Target::Account(id.to_owned()),
        _ => Target::Other,
    }
}

/// What a call of `method` wants; none if everybody may do it.
pub fn wish(method: &str, request: &Payload) -> Option<Wish> {
    use Action::{Create, Deactivate, Delete, Read};
    macro_rules! of {
        ($type:ty, $action:expr, $kind:ident, |$r:ident| $id:expr) => {{
            let target = match request.message::<$type>() {
                Ok($r) => Target::$kind($id.to_owned()),
                // The service itself refuses it.
                Err(_) => Target::Other,
            };
            ($action, target)
        }};
    }
    let account = |account: &Account| account.service_account_id().unwrap_or_default().to_owned();
    let (action, target) = match method {
        "ProfileService/Get" => return None,
        "TokenExchangeService/Exchange" => match request.message::<ExchangeTokenRequest>() {
            Ok(request) => match &*request.subject_token_type {
                // Whoever has these is the account itself, or has signed in.
                JWT_TYPE | SIGN_IN_CODE_TYPE => return None,
                // The actor gets the token of another account.
                _ => (Create, Target::Account(request.subject_token.clone())),
            },
            Err(_) => (Create, Target::Other),
        },
        "TenantService/Get"
        | "TenantService/List"
        | "ProjectService/Get"
        | "ProjectService/List"
        | "OperationService/Get"
        | "GroupService/Get"
        | "GroupService/GetByName"
        | "GroupService/List"
        | "GroupMembershipService/ListMembers" => (Read, Target::Shared),
        "OperationService/List" => match request.message::<ListOperationsRequest>() {
            Ok(request) => (Read, of_id(&request.resource_id)),
            Err(_) => (Read, Target::Other),
        },
        "GroupMembershipService/ListMemberOf" => match request.message::<ListMemberOfRequest>() {
            Ok(request) => match of_id(&request.subject_id) {
                Target::Other => (Read, Target::Shared),
                account => (Read, account),
            },
            Err(_) => (Read, Target::Other),
        },
        "AuthPublicKeyService/Create" => {
            of!(CreateAuthPublicKeyRequest, Create, Account, |r| account(
                &r.spec.account
            ))
        }
        "AuthPublicKeyService/Get" => of!(GetAuthPublicKeyRequest, Read, Key, |r| r.id),
        "AuthPublicKeyService/List" => {
            of!(ListAuthPublicKeysRequest, Read, Project, |r| r.parent_id)
        }
        "AuthPublicKeyService/ListByAccount" => {
            of!(ListAuthPublicKeysByAccountRequest, Read, Account, |r| {
                account(&r.account)
            })
        }
        "AuthPublicKeyService/Update" => {
            of!(UpdateAuthPublicKeyRequest, Create, Key, |r| r.metadata.id)
        }
        "AuthPublicKeyService/Activate" => {
            of!(ActivateAuthPublicKeyRequest, Deactivate, Key, |r| r.id)
        }
        "AuthPublicKeyService/Deactivate" => {
            of!(DeactivateAuthPublicKeyRequest, Deactivate, Key, |r| r.id)
        }
        "AuthPublicKeyService/Delete" => of!(DeleteAuthPublicKeyRequest, Delete, Key, |r| r.id),
        "ServiceAccountService/Create" => {
            of!(CreateServiceAccountRequest, Create, Project, |r| r
                .metadata
                .parent_id)
        }
        "ServiceAccountService/Get" => of!(GetServiceAccountRequest, Read, Account, |r| r.id),
        "ServiceAccountService/GetByName" => {
            of!(GetServiceAccountByNameRequest, Read, Project, |r| r
                .parent_id)
        }
        "ServiceAccountService/List" => {
            of!(ListServiceAccountsRequest, Read, Project, |r| r.parent_id)
        }
        "ServiceAccountService/Update" => {
            of!(UpdateServiceAccountRequest, Create, Account, |r| r
                .metadata
                .id)
        }
        "ServiceAccountService/Delete" => {
            of!(DeleteServiceAccountRequest, Delete, Account, |r| r.id)
        }
        // Groups belong to no project, so a rule for some doesn't allow it.
        "GroupMembershipService/Create" => (Create, Target::Other),
        "GroupMembershipService/Delete" => (Delete, Target::Other),
        "SessionManagementService/Revoke" => match request.message::<RevokeSessionRequest>() {
            Ok(RevokeSessionRequest {
                revoke: Some(Revoke::ServiceAccountId(id)),
                ..
            }) => (Deactivate, Target::Account(id.clone())),
            _ => (Deactivate, Target::Other),
        },
        _ => (Delete, Target::Other),
    };
    Some(Wish { action, target })
}
