//! Texts of the header and the sign-in.

pub const SIGN_IN: &str = "Sign in";
pub const SIGN_IN_AGAIN: &str = "Sign in again";
pub const SIGNING_IN: &str = "Signing in…";
pub const SIGN_OUT: &str = "Sign out";
pub const SIGNED_IN_AS: &str = "Signed in as";
pub const ENDED: &str =
    "Your session has ended. Sign in again to continue: your work is still here.";
pub const ENDED_AT_PROXY: &str = "Your session at the proxy has ended. Sign in there again to continue: your \
    work is still here.";
pub const AT_PROXY: &str = "This page is behind a proxy that signs people in. Open it in another tab, sign in \
    there, then continue here.";
pub const OPEN_PROXY: &str = "Sign in in another tab";
pub const CONTINUE: &str = "Continue";
pub const TOKEN: &str = "Access token";
pub const TOKEN_COMMAND: &str = "Paste the output of";
pub const COMMAND: &str = "nebius iam get-access-token";
pub const TOKEN_HINT: &str = ", or a new address from keyside serve (press Enter in its terminal). The token \
    stays in this tab's memory.";
pub const TENANT: &str = "Tenant";
pub const CHOOSE_TENANT: &str = "Choose a tenant";
pub const CHOOSE_PROJECT: &str = "Choose a project";
pub const NO_TENANT: &str = "This token has no access to a tenant.";
pub const NO_PROJECT: &str = "This tenant has no project that you can see.";
pub const LOADING_PROJECTS: &str = "Loading projects…";

pub fn service_account(name: &str, id: &str) -> String {
    format!("service account {name} ({id})")
}
