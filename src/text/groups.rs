//! Texts of the group checks.

pub const IS_ADMIN: &str =
    "You're in the admins group of this tenant, which may create and change keys.";
pub const NO_ADMIN: &str = "You're not in the admins group. Creating keys needs the admin role; unless another \
    group grants it, ask a tenant admin.";
pub const NO_GROUP: &str = "This service account isn't in any group, so its keys don't give any access yet. \
    Add it to a group with the fewest rights that its work needs.";
pub const LOADING: &str = "Loading groups…";
pub const GROUP: &str = "Group (fewest rights first)";
pub const CHOOSE: &str = "Choose a group";
pub const CUSTOM: &str = " (custom group: check what it grants)";
pub const ADD: &str = "Add to group";
pub const ADDING: &str = "Adding to group…";

pub fn unseen(problem: &str) -> String {
    format!("You can't see the groups with this token. {problem}")
}

pub fn your_groups(names: &str) -> String {
    if names.is_empty() {
        "You aren't in any group of this tenant.".to_owned()
    } else {
        format!("Your groups in this tenant: {names}.")
    }
}

pub fn account_groups(names: &str) -> String {
    format!("Groups: {names}")
}
