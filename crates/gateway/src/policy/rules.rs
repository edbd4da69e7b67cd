//! The rules, and the decision about one call.

use std::{fs, path::Path};

use keyside_iam::permissions::{Action, KeyRules, Permission, Permissions};
use regex_lite::Regex;
use serde::Deserialize;

/// Who makes a call.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The account's ID, or the subject of a person who is signed in at a proxy.
    pub id: &'a str,
    pub email: Option<&'a str>,
    pub groups: &'a [String],
}

/// What a call is about, as far as it's known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    pub project: Option<String>,
    pub account: Option<String>,
}

/// A policy.
#[derive(Debug)]
pub struct Policy {
    allow: Vec<Rule>,
    keys: KeyRules,
    /// [`KeyRules::description`].
    description: Option<Regex>,
}

/// The file.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    #[serde(default)]
    allow: Vec<Rule>,
    #[serde(default)]
    keys: KeyRules,
}

/// Allows some people some actions.
#[derive(Debug, Deserialize)]
#[serde(from = "Table")]
struct Rule {
    /// Account IDs, subjects and email addresses.
    people: Vec<String>,
    /// Groups of the proxy's.
    groups: Vec<String>,
    permission: Permission,
}

/// A [`Rule`] in the file. Serde can't both flatten and refuse unknown names.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Table {
    #[serde(default)]
    people: Vec<String>,
    #[serde(default)]
    groups: Vec<String>,
    may: Vec<Action>,
    projects: Option<Vec<String>>,
    accounts: Option<Vec<String>>,
}

impl From<Table> for Rule {
    fn from(table: Table) -> Self {
        Self {
            people: table.people,
            groups: table.groups,
            permission: Permission {
                may: table.may,
                projects: table.projects,
                accounts: table.accounts,
            },
        }
    }
}

/// Why a policy can't be used.
#[derive(Debug, thiserror::Error)]
#[error("can't use the policy {}: {cause}", path.display())]
pub struct PolicyError {
    path: std::path::PathBuf,
    cause: String,
}

impl Policy {
    /// Reads the file.
    ///
    /// # Errors
    /// If it can't be read, or isn't a policy; the message has the line.
    pub fn read(path: &Path) -> Result<Self, PolicyError> {
        let error = |cause: String| PolicyError {
            path: path.to_owned(),
            cause,
        };
        let text = fs::read_to_string(path).map_err(|cause| error(cause.to_string()))?;
        let file: File = toml::from_str(&text).map_err(|cause| error(cause.to_string()))?;
        let is_for_nobody = |rule: &Rule| rule.people.is_empty() && rule.groups.is_empty();
        if file.allow.iter().any(is_for_nobody) {
            return Err(error(
                "each [[allow]] needs people or groups. To allow everybody, use people = [\"*\"]"
                    .to_owned(),
            ));
        }
        let description = file.keys.description.as_deref().map(Regex::new).transpose();
        let description =
            description.map_err(|cause| error(format!("the description's pattern: {cause}")))?;
        Ok(Self {
            allow: file.allow,
            keys: file.keys,
            description,
        })
    }

    /// What new keys must be like.
    pub const fn keys(&self) -> &KeyRules {
        &self.keys
    }

    /// Whether keys may have this description.
    pub fn allows_description(&self, description: &str) -> bool {
        let pattern = self.description.as_ref();
        pattern.is_none_or(|pattern| pattern.is_match(description))
    }

    /// The number of the first rule that allows the action, counted from 1.
    pub fn allows(&self, who: Subject<'_>, action: Action, on: &Resource) -> Option<usize> {
        let (project, account) = (on.project.as_deref(), on.account.as_deref());
        let allows =
            |rule: &Rule| rule.is_for(who) && rule.permission.allows(action, project, account);
        self.allow.iter().position(allows).map(|at| at + 1)
    }

    /// Whether the decision depends on the resource.
    pub fn depends_on_resource(&self, who: Subject<'_>, action: Action) -> bool {
        let mut permissions = self
            .of(who)
            .filter(|of| of.may.contains(&action))
            .peekable();
        permissions.peek().is_some() && !permissions.any(Permission::is_unlimited)
    }

    /// Whether a rule allows the action on anything.
    pub fn allows_some(&self, who: Subject<'_>, action: Action) -> bool {
        self.of(who).any(|of| of.may.contains(&action))
    }

    /// Whether any rule is for the caller.
    pub fn is_about(&self, who: Subject<'_>) -> bool {
        self.of(who).next().is_some()
    }

    /// All that this policy says about a caller.
    pub fn permissions(&self, who: Subject<'_>) -> Permissions {
        Permissions {
            allow: self.of(who).cloned().collect(),
            keys: self.keys.clone(),
        }
    }

    fn of(&self, who: Subject<'_>) -> impl Iterator<Item = &Permission> {
        let rules = self.allow.iter().filter(move |rule| rule.is_for(who));
        rules.map(|rule| &rule.permission)
    }
}

impl Rule {
    fn is_for(&self, who: Subject<'_>) -> bool {
        let is_person = |name: &String| {
            name == "*"
                || name == who.id
                // An email address that looks like an ID names no account.
                || name.contains('@')
                    && who
                        .email
                        .is_some_and(|email| email.eq_ignore_ascii_case(name))
        };
        self.people.iter().any(is_person)
            || self.groups.iter().any(|group| who.groups.contains(group))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*, sample::select};

    use super::*;

    fn read(text: &str) -> Result<Policy, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.toml");
        fs::write(&path, text).unwrap();
        Policy::read(&path).map_err(|error| error.to_string())
    }

    const ANNA: Subject<'static> = Subject {
        id: "user-7",
        email: Some("Anna@example.org"),
        groups: &[],
    };

    fn on(project: &str, account: &str) -> Resource {
        Resource {
            project: Some(project.to_owned()),
            account: Some(account.to_owned()),
        }
    }

    #[test]
    fn what_no_rule_allows_is_denied() {
        let policy = read("").unwrap();
        assert_eq!(policy.allows(ANNA, Action::Read, &on("p", "a")), None);
        let policy = read(
            "[[allow]]\npeople = [\"anna@example.org\"]\nmay = [\"read\"]\n\
             [[allow]]\ngroups = [\"ops\"]\nmay = [\"create\", \"rotate\"]\nprojects = [\"p\"]\n",
        )
        .unwrap();
        let ops = ["ops".to_owned()];
        let ops = Subject {
            groups: &ops,
            ..ANNA
        };
        assert_eq!(policy.allows(ANNA, Action::Read, &on("p", "a")), Some(1));
        assert_eq!(policy.allows(ANNA, Action::Create, &on("p", "a")), None);
        assert_eq!(policy.allows(ops, Action::Create, &on("p", "a")), Some(2));
        assert_eq!(policy.allows(ops, Action::Create, &on("q", "a")), None);
        assert_eq!(
            policy.allows(ops, Action::Create, &Resource::default()),
            None
        );
        assert!(policy.depends_on_resource(ops, Action::Create));
        assert!(!policy.depends_on_resource(ops, Action::Read));
        assert!(!policy.depends_on_resource(ANNA, Action::Create));
        // An address can't be taken for an account.
        let policy = read("[[allow]]\npeople = [\"account-1\"]\nmay = [\"read\"]\n").unwrap();
        let claimed = Subject {
            email: Some("account-1"),
            ..ANNA
        };
        assert!(!policy.allows_some(claimed, Action::Read));
    }

    #[test]
    fn faults_of_a_file_are_named_with_their_line() {
        for (text, part) in [
            ("[[allow]]\npeople = [\"a\"]\nmay = [\"creat\"]\n", "creat"),
            ("[[allow]]\nmay = [\"read\"]\n", "people or groups"),
            ("[[deny]]\npeople = [\"a\"]\n", "deny"),
            ("[keys]\nmax-lifetime = \"90\"\n", "isn't a number of days"),
            ("[keys]\ndescription = \"(\"\n", "description"),
            ("[[allow]\n", "line 1"),
        ] {
            let error = read(text).err().unwrap_or_default();
            assert!(error.contains(part), "{part}: {error}");
        }
    }

    /// The meaning of the rules again, by sets of everything that they allow.
    fn oracle(policy: &Policy, who: Subject<'_>, action: Action, on: &Resource) -> bool {
        for rule in &policy.allow {
            let mut names = vec!["*".to_owned(), who.id.to_owned()];
            names.extend(
                who.email
                    .filter(|email| email.contains('@'))
                    .map(str::to_lowercase),
            );
            let Permission {
                may,
                projects,
                accounts,
            } = &rule.permission;
            let people: Vec<_> = rule.people.iter().map(|name| name.to_lowercase()).collect();
            let is_named = names.iter().any(|name| people.contains(name));
            let is_member = who.groups.iter().any(|group| rule.groups.contains(group));
            if !(is_named || is_member) || !may.contains(&action) {
                continue;
            }
            let mut places = Vec::new();
            for (kind, list) in [("p", projects), ("a", accounts)] {
                match list {
                    None => {}
                    Some(ids) => places.extend(ids.iter().map(|id| format!("{kind} {id}"))),
                }
            }
            if projects.is_none() && accounts.is_none() {
                return true;
            }
            let project = on.project.iter().map(|id| format!("p {id}"));
            let account = on.account.iter().map(|id| format!("a {id}"));
            if project.chain(account).any(|place| places.contains(&place)) {
                return true;
            }
        }
        false
    }

    fn names() -> impl Strategy<Value = String> {
        select(vec!["a", "b", "c", "d@x", "*"]).prop_map(str::to_owned)
    }

    fn rule() -> impl Strategy<Value = Rule> {
        let some = || vec(names(), 0..3);
        (
            some(),
            some(),
            vec(select(&Action::ALL[..]), 0..4),
            option::of(some()),
            option::of(some()),
        )
            .prop_map(|(people, groups, may, projects, accounts)| Rule {
                people,
                groups,
                permission: Permission {
                    may,
                    projects,
                    accounts,
                },
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn decisions_equal_those_of_an_oracle(
            allow in vec(rule(), 0..4),
            id in names(),
            email in option::of(names()),
            groups in vec(names(), 0..3),
            action in select(&Action::ALL[..]),
            project in option::of(names()),
            account in option::of(names()),
        ) {
            let policy = Policy { allow, keys: KeyRules::default(), description: None };
            let who = Subject { id: &id, email: email.as_deref(), groups: &groups };
            let on = Resource { project, account };
            let decision = policy.allows(who, action, &on).is_some();
            prop_assert_eq!(decision, oracle(&policy, who, action, &on));
            // Without a look at the resource, the decision is the same where it doesn't depend on it.
            if !policy.depends_on_resource(who, action) {
                let blind = policy.allows(who, action, &Resource::default()).is_some();
                prop_assert_eq!(decision, blind);
            }
            // The page decides as the gateway does.
            let of_page = policy.permissions(who);
            let of_page = of_page.allows(action, on.project.as_deref(), on.account.as_deref());
            prop_assert_eq!(decision, of_page);
        }
    }
}
