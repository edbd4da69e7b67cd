//! The tenant and the project, to choose from; the only one is chosen by itself.

use std::rc::Rc;

use keyside_iam::iam::Container;
use yew::prelude::*;

use crate::{
    api::{Problem, Who},
    prerequisites::Rights,
    state::{Action, App, Session, only_id},
    ui::{ProblemView, use_chosen, use_question, value_of},
};

/// See [`Place`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Who asks.
    pub session: Rc<Session>,
}

/// See the module.
#[component]
pub fn Place(props: &Props) -> Html {
    let Props { app, session } = props;
    let tenant = app.tenant_id.clone();
    // Other screens choose, too.
    let tenant_list = use_chosen(tenant.as_deref().unwrap_or_default());
    let project_list = use_chosen(app.project_id.as_deref().unwrap_or_default());
    let projects = use_state(|| None::<Result<Vec<Container>, Problem>>);
    {
        let (app, projects, before) = (app.clone(), projects.clone(), projects.clone());
        let about = (Rc::clone(session), tenant.clone());
        let ask = move |(session, tenant): &(Rc<Session>, Option<String>)| {
            let (session, tenant) = (Rc::clone(session), tenant.clone()?);
            before.set(None);
            Some(async move { session.api.projects(&tenant).await })
        };
        use_question(about, ask, move |list| {
            if let Ok(list) = &list {
                let kept = app
                    .project_id
                    .clone()
                    .filter(|id| list.iter().any(|p| p.metadata.id == *id));
                app.dispatch(Action::Project(kept.or_else(|| only_id(list))));
            }
            projects.set(Some(list));
        });
    }
    if matches!(session.who, Who::ServiceAccount(_)) {
        return html! {
            <>
                <p class="hint">{ "Project " }<code>{ app.project_id.clone() }</code></p>
                <Rights session={Rc::clone(session)} tenant_id={None::<String>} />
            </>
        };
    }
    let choose_tenant = {
        let app = app.clone();
        Callback::from(move |event: Event| app.dispatch(Action::Tenant(Some(value_of(&event)))))
    };
    let choose_project = {
        let app = app.clone();
        Callback::from(move |event: Event| {
            app.dispatch(Action::Project(
                Some(value_of(&event)).filter(|id| !id.is_empty()),
            ));
        })
    };
    html! {
        <>
        <div class="fields">
            <div>
                <label for="tenant">{ "Tenant" }</label>
                { select("tenant", tenant_list, &session.tenants, tenant.as_deref(), choose_tenant) }
            </div>
            { match &*projects {
                Some(Ok(projects)) => html! {
                    <div>
                        <label for="project">{ "Project" }</label>
                        { select("project", project_list, projects, app.project_id.as_deref(), choose_project) }
                    </div>
                },
                Some(Err(problem)) => html! { <ProblemView problem={problem.clone()} /> },
                None if tenant.is_some() => html! {
                    <p role="status">{ "Loading projects…" }</p>
                },
                None => html! {},
            } }
        </div>
        <Rights session={Rc::clone(session)} tenant_id={tenant.clone()} />
        </>
    }
}

fn select(
    id: &'static str,
    node: NodeRef,
    list: &[Container],
    chosen: Option<&str>,
    onchange: Callback<Event>,
) -> Html {
    if list.is_empty() {
        return html! { <p>{ format!("This token sees no {id}.") }</p> };
    }
    html! {
        <select {id} ref={node} {onchange}>
            if chosen.is_none() {
                <option value="" selected=true disabled=true>{ format!("Choose a {id}") }</option>
            }
            { for list.iter().map(|item| html! {
                <option value={item.metadata.id.clone()}
                    selected={chosen == Some(item.metadata.id.as_str())}>
                    { format!("{} ({})", item.metadata.name, item.metadata.id) }
                </option>
            }) }
        </select>
    }
}
