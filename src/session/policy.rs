//! What the gateway's policy lets this session's person do.

use js_sys::{Array, Function, JSON, Reflect, RegExp};
use keyside_iam::permissions::{Action, Permissions};
use wasm_bindgen::{JsCast, JsValue};
use yew::AttrValue;

use crate::text::{DESCRIPTION, DESCRIPTION_OPTIONAL, policy as text};

/// The policy, as far as the gateway has told it; without one, everything is allowed. The gateway decides
/// again at each call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy(Option<Permissions>);

impl Policy {
    /// Reads the header of `ProfileService/Get`. One that can't be read is as none.
    pub fn read(header: Option<&str>) -> Self {
        let read = || {
            let value = JSON::parse(header?).ok()?;
            serde_wasm_bindgen::from_value(value).ok()
        };
        Self(read())
    }

    /// What it says, if there is one.
    pub const fn permissions(&self) -> Option<&Permissions> {
        self.0.as_ref()
    }

    /// Why it denies an action on something in this project that belongs to this account.
    pub fn denial(
        &self,
        action: Action,
        project: Option<&str>,
        account: Option<&str>,
    ) -> Option<AttrValue> {
        let permissions = self.permissions()?;
        (!permissions.allows(action, project, account)).then(|| text::denied(action).into())
    }

    /// Why it denies a new key in place of one of this account's. Either right is enough.
    pub fn denial_of_rotation(&self, project: Option<&str>, account: &str) -> Option<AttrValue> {
        let denial = |action| self.denial(action, project, Some(account));
        denial(Action::Create).and(denial(Action::Rotate))
    }

    /// Why it denies a key for the account with this ID and label. Whoever may rotate creates keys only for
    /// accounts that have one, which isn't known here.
    pub fn denial_of_key(
        &self,
        project: Option<&str>,
        account: &str,
        label: &str,
    ) -> Option<AttrValue> {
        self.denial_of_rotation(project, account)
            .map(|_| text::denied_for(label).into())
    }

    /// The label of the field for a description: optional unless the policy wants one.
    pub fn description_label(&self) -> &'static str {
        match self.denial_of_description("") {
            None => DESCRIPTION_OPTIONAL,
            Some(_) => DESCRIPTION,
        }
    }

    /// Why it denies a key with this description.
    pub fn denial_of_description(&self, description: &str) -> Option<AttrValue> {
        let pattern = self.permissions()?.keys.description.as_deref()?;
        // Patterns that only the gateway understands are left to it.
        let is_match = expression(pattern)?.test(description);
        (!is_match).then(|| text::wants_description(pattern).into())
    }
}

/// `new RegExp(pattern, "u")`, which throws for invalid patterns.
fn expression(pattern: &str) -> Option<RegExp> {
    let constructor = Reflect::get(&js_sys::global(), &"RegExp".into()).ok()?;
    let constructor: Function = constructor.dyn_into().ok()?;
    let arguments = Array::of2(&pattern.into(), &JsValue::from_str("u"));
    Reflect::construct(&constructor, &arguments)
        .ok()?
        .dyn_into()
        .ok()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const HEADER: &str = r#"{"allow":[{"may":["read","create"],"projects":["p"],"accounts":null}],
        "keys":{"max-lifetime":"30d","description":"^OPS-[0-9]+ \u00fc","max-active":2,"not-in-groups":["admins"]}}"#;

    #[test]
    fn actions_that_no_permission_allows_are_denied_with_a_reason() {
        let policy = Policy::read(Some(HEADER));
        assert_eq!(policy.denial(Action::Create, Some("p"), None), None);
        let of_key = |project| policy.denial_of_key(Some(project), "serviceaccount-a", "a");
        assert_eq!(of_key("p"), None);
        let reason = policy.denial(Action::Delete, Some("p"), None).unwrap();
        assert!(reason.contains("delete"), "{reason}");
        let reason = of_key("q").unwrap();
        assert!(reason.contains("a key for a"), "{reason}");
        let keys = &policy.permissions().unwrap().keys;
        assert_eq!(keys.max_lifetime.map(|days| days.get()), Some(30));
        assert_eq!(keys.max_active, Some(2));
    }

    #[test]
    fn descriptions_must_match_the_pattern() {
        let policy = Policy::read(Some(HEADER));
        assert_eq!(policy.denial_of_description("OPS-12 ü"), None);
        for wrong in ["", "ops-12 ü", "see OPS-12 ü"] {
            let reason = policy.denial_of_description(wrong).unwrap();
            assert!(reason.contains("^OPS-[0-9]+"), "{reason}");
        }
    }

    #[test]
    fn without_a_policy_everything_is_allowed() {
        for header in [None, Some(""), Some("{"), Some("[]")] {
            let policy = Policy::read(header);
            assert_eq!(
                policy.denial(Action::Delete, None, None),
                None,
                "{header:?}"
            );
        }
        let unknown = Policy::read(Some(r#"{"allow":[],"keys":{"description":"(?P<a>x)"}}"#));
        assert_eq!(unknown.denial_of_description(""), None);
        assert!(unknown.denial(Action::Read, None, None).is_some());
    }
}
