//! Texts of the setup snippets.

pub const TITLE: &str = "Set it up";
pub const MOVE: &str = "Move the credentials file to where only you can read it:";
pub const MOVE_NAME: &str = "move the credentials file";
pub const SHELL: &str = "Shell";
pub const SAVED_IN: &str = "Saved in";
pub const DOWNLOADS: &str = "Your downloads folder";
pub const OTHER_WAYS: &str = "Other ways";
pub const TOOL: &str = "Tool";
pub const PROFILE: &str = "Profile name";
