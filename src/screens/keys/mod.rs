//! The project's keys: the list, and a page for each key.

mod list;
mod load;
mod page;
mod table;
mod unfinished;

use std::rc::Rc;

use yew::prelude::*;

use self::{list::KeyList, page::KeyPage};
use super::ScreenProps;
use crate::{components::Card, routes::Route, session::use_workspace, text::keys as text};

/// The list stays mounted while a key's page is visible.
#[component]
pub fn KeysScreen(props: &ScreenProps) -> Html {
    let workspace = use_workspace();
    let key_id = match &props.route {
        Route::Key { id } => Some(id.clone()),
        _ => None,
    };
    let Some(session) = workspace.session() else {
        return html! {
            <Card id="keys" title={text::TITLE}><p class="hint">{ text::SIGN_IN }</p></Card>
        };
    };
    html! {
        <>
            if let Some(id) = &key_id {
                <KeyPage key={id.clone()} session={Rc::clone(session)} id={id.clone()}
                    query={props.query.clone()} visits={props.visits} />
            }
            <div hidden={key_id.is_some()}>
                if let Some(project_id) = &workspace.project_id {
                    <KeyList key={project_id.clone()} session={Rc::clone(session)}
                        project_id={project_id.clone()} query={props.query.clone()}
                        visits={props.visits} is_visible={key_id.is_none()} />
                } else {
                    <Card id="keys" title={text::TITLE}><p class="hint">{ text::NO_PROJECT }</p></Card>
                }
            </div>
        </>
    }
}
