//! Texts about the gateway's policy.

use keyside_iam::permissions::Action;

/// Why an action isn't possible.
pub fn denied(action: Action) -> String {
    let what = match action {
        Action::Read => "see the keys",
        Action::Create => "create keys or accounts",
        Action::Rotate => "rotate keys",
        Action::Deactivate => "deactivate or activate keys",
        Action::Delete => "delete keys",
    };
    format!("The gateway's policy doesn't let you {what} here.")
}

pub fn denied_for(label: &str) -> String {
    format!("The gateway's policy doesn't let you create a key for {label}.")
}

pub fn wants_description(pattern: &str) -> String {
    format!("The gateway's policy wants a description that matches {pattern}.")
}

pub fn too_many_active(max: usize, active: usize) -> String {
    format!(
        "The gateway's policy allows {max} active keys for an account, and this one has {active}. Deactivate one \
         first."
    )
}

pub fn not_in_group(name: &str) -> String {
    format!("The gateway's policy allows no keys for accounts in the group {name}.")
}
