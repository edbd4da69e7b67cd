//! Step 1: who one is at which API, and in which project the work is.

mod place;
mod token;

use std::rc::Rc;

use keyside_iam::{MessageField, common::ResourceMetadata, iam::Container};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use zeroize::Zeroizing;

use self::{place::Place, token::TokenForm};
use crate::{
    api::{Api, Endpoint, Problem, Who},
    state::{Action, App, ChosenAccount, Connection, Session},
    ui::{ProblemView, Step},
};

/// See [`ConnectStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Its place among the steps of the screen, where there are steps.
    #[prop_or_default]
    pub number: Option<u8>,
}

/// See the module.
#[component]
pub fn ConnectStep(props: &Props) -> Html {
    let app = &props.app;
    let connect = {
        let app = app.clone();
        Callback::from(move |token: String| {
            // The step is shown once it is known where the API is.
            if let Some(Ok(endpoint)) = app.endpoint.clone() {
                connect(&app, endpoint, &token);
            }
        })
    };
    let disconnect = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| {
            app.dispatch(Action::Connection(Connection::None));
        })
    };
    let connected = app.session().is_some();
    html! {
        <Step id="connect" number={props.number} title="Connect" done={connected && app.project_id.is_some()}>
            { match &app.connection {
                Connection::Connected(session) => html! {
                    <>
                        <p id="who">
                            { "You are " }<strong>{ name(&session.who) }</strong>
                            { " at " }<code>{ session.api.base() }</code>{ ". " }
                            <button type="button" class="quiet" id="disconnect"
                                onclick={disconnect}>{ "Disconnect" }</button>
                        </p>
                        <Place app={app.clone()} session={Rc::clone(session)} />
                    </>
                },
                Connection::Connecting(_) => html! { <p role="status">{ "Connecting…" }</p> },
                Connection::None => html! {
                    <TokenForm on_token={connect} has_steps={props.number.is_some()} />
                },
                Connection::Failed(problem) => html! {
                    <>
                        <ProblemView problem={problem.clone()} />
                        <TokenForm on_token={connect} has_steps={props.number.is_some()} />
                    </>
                },
            } }
        </Step>
    }
}

fn name(who: &Who) -> String {
    match who {
        Who::User { name, .. } => name.clone(),
        Who::ServiceAccount(account) => {
            format!(
                "the service account {} ({})",
                account.metadata.name, account.metadata.id
            )
        }
    }
}

/// Tries a token; the state tells what became of it.
pub fn connect(app: &App, endpoint: Endpoint, token: &str) {
    let (app, token) = (app.clone(), Rc::new(Zeroizing::new(token.to_owned())));
    app.dispatch(Action::Connection(Connection::Connecting(Rc::clone(
        &token,
    ))));
    spawn_local(async move {
        let session = open(&endpoint, Rc::clone(&token)).await;
        let is_last =
            matches!(&app.connection, Connection::Connecting(now) if Rc::ptr_eq(now, &token));
        if !is_last {
            return;
        }
        match session {
            Ok(session) => {
                if let Who::ServiceAccount(account) = &session.who {
                    // A service account's own key is all that it may see.
                    let project_id = account.metadata.parent_id.clone();
                    app.dispatch(Action::Project(Some(project_id.clone())));
                    app.dispatch(Action::Account(Some(ChosenAccount {
                        id: account.metadata.id.clone(),
                        name: Some(account.metadata.name.clone()),
                        project_id: Some(project_id),
                    })));
                }
                app.dispatch(Action::Connection(Connection::Connected(Rc::new(session))));
            }
            Err(problem) => app.dispatch(Action::Connection(Connection::Failed(problem))),
        }
    });
}

async fn open(endpoint: &Endpoint, token: Rc<Zeroizing<String>>) -> Result<Session, Problem> {
    let api = Api::new(endpoint, Some(&token))?;
    let who = api.who().await?;
    let tenants = match &who {
        Who::User { tenants, .. } => match api.tenants().await {
            // Whoever may not list tenants still knows their own by id.
            Err(Problem::Refused { .. }) if !tenants.is_empty() => {
                let ids = tenants.iter().map(|tenant| &tenant.tenant_id);
                ids.map(|id| container(id)).collect()
            }
            list => list?,
        },
        Who::ServiceAccount(_) => Vec::new(),
    };
    Ok(Session {
        api,
        token,
        who,
        tenants,
    })
}

/// A tenant of which no more than the id is known.
fn container(id: &str) -> Container {
    Container {
        metadata: MessageField::some(ResourceMetadata {
            id: id.to_owned(),
            name: id.to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    }
}
