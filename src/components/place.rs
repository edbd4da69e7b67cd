//! The tenant and project switcher. An only tenant or project is preselected.

use std::rc::Rc;

use keyside_iam::{common::ResourceMetadata, iam::Container};
use yew::prelude::*;

use super::{retry, use_chosen, use_response, value_of};
use crate::{
    api::Principal,
    session::{Session, WorkspaceAction, only_id, use_workspace},
    text::{PROJECT, session as text},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The session whose tenants and projects are listed.
    pub session: Rc<Session>,
}

/// Lists of the tenants and of the chosen tenant's projects.
#[component]
pub fn ScopeSwitcher(props: &Props) -> Html {
    let session = &props.session;
    let workspace = use_workspace();
    let tenant = workspace.tenant_id.clone();
    // Addresses can change the choice, too.
    let tenant_list = use_chosen(tenant.as_deref().unwrap_or_default());
    let project_list = use_chosen(workspace.project_id.as_deref().unwrap_or_default());
    let attempt = use_state(|| 0_u32);
    let subject = (Rc::clone(session), tenant.clone(), *attempt);
    let projects = use_response(subject, |(session, tenant, _)| {
        let (session, tenant) = (Rc::clone(session), tenant.clone()?);
        Some(async move { session.api.projects(&tenant).await })
    });
    {
        let workspace = workspace.clone();
        use_effect_with((*projects).clone(), move |projects| {
            if let Some(Ok(list)) = projects {
                let is_known = |id: &String| list.iter().any(|p| p.metadata.id == *id);
                let kept = workspace.project_id.clone().filter(is_known);
                workspace.dispatch(WorkspaceAction::Project(kept.or_else(|| only_id(list))));
            }
        });
    }
    if matches!(session.principal, Principal::ServiceAccount(_)) {
        return html! {
            <p class="hint">{ PROJECT }{ " " }<code id="project">{ workspace.project_id.clone() }</code></p>
        };
    }
    let choose_tenant = {
        let workspace = workspace.clone();
        Callback::from(move |event: Event| {
            workspace.dispatch(WorkspaceAction::Tenant(Some(value_of(&event))));
        })
    };
    let choose_project = {
        let workspace = workspace.clone();
        Callback::from(move |event: Event| {
            let id = Some(value_of(&event)).filter(|id| !id.is_empty());
            workspace.dispatch(WorkspaceAction::Project(id));
        })
    };
    let again = Callback::from(move |_: MouseEvent| attempt.set(*attempt + 1));
    html! {
        <div class="place">
            <label for="tenant">{ text::TENANT }</label>
            { select("tenant", tenant_list, &session.tenants, tenant.as_deref(), choose_tenant,
                (text::NO_TENANT, text::CHOOSE_TENANT)) }
            { match &*projects {
                Some(Ok(projects)) => html! {
                    <>
                        <label for="project">{ PROJECT }</label>
                        { select("project", project_list, projects,
                            workspace.project_id.as_deref(), choose_project,
                            (text::NO_PROJECT, text::CHOOSE_PROJECT)) }
                    </>
                },
                Some(Err(problem)) => retry(problem, "retry-projects", again),
                None if tenant.is_some() => html! { <p role="status">{ text::LOADING_PROJECTS }</p> },
                None => html! {},
            } }
        </div>
    }
}

fn select(
    id: &'static str,
    node: NodeRef,
    list: &[Container],
    chosen: Option<&str>,
    onchange: Callback<Event>,
    (none, choose): (&'static str, &'static str),
) -> Html {
    if list.is_empty() {
        return html! { <p>{ none }</p> };
    }
    // Names can be ambiguous, because each tenant is somebody else's.
    let label = |item: &Container| {
        let ResourceMetadata { name, id, .. } = &*item.metadata;
        let is_same = |other: &&Container| other.metadata.name == *name;
        match list.iter().filter(is_same).count() {
            1 if !name.is_empty() => name.clone(),
            _ => format!("{name} ({id})"),
        }
    };
    html! {
        <select {id} ref={node} {onchange} title={chosen.map(str::to_owned)}>
            if chosen.is_none() {
                <option value="" selected=true disabled=true>{ choose }</option>
            }
            { for list.iter().map(|item| html! {
                <option value={item.metadata.id.clone()}
                    selected={chosen == Some(item.metadata.id.as_str())}>
                    { label(item) }
                </option>
            }) }
        </select>
    }
}
