//! Whether the user may create keys.

use std::rc::Rc;

use yew::prelude::*;

use super::{ADMINS, names, use_groups};
use crate::{api::Principal, session::Session, text::groups as text};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The session that reads the groups.
    pub session: Rc<Session>,
    pub tenant_id: Option<String>,
}

/// The user's groups. Groups other than admins can also grant the admin role, so this only informs.
#[component]
pub fn Rights(props: &Props) -> Html {
    let subject = match &props.session.principal {
        Principal::User { tenants, .. } => tenants
            .iter()
            .find(|tenant| Some(&tenant.tenant_id) == props.tenant_id.as_ref())
            // The account in the tenant, which groups contain; may be empty.
            .map(|tenant| tenant.tenant_user_account_id.as_str()),
        Principal::ServiceAccount(account) => Some(account.metadata.id.as_str()),
    };
    let groups = use_groups(Some(&props.session), subject.filter(|id| !id.is_empty()), 0);
    let is_admin = |groups: &[keyside_iam::iam::Group]| {
        groups.iter().any(|group| group.metadata.name == ADMINS)
    };
    html! {
        <p id="rights" class="hint" role="status">
            { match &groups {
                None => html! {},
                Some(Ok(groups)) if is_admin(groups) => html! { { text::IS_ADMIN } },
                Some(Ok(groups)) => html! {
                    <strong class="wrong">
                        { text::your_groups(&names(groups)) }{ " " }
                        { text::NO_ADMIN }
                    </strong>
                },
                Some(Err(problem)) => html! {
                    { text::unseen(&problem.line()) }
                },
            } }
        </p>
    }
}
