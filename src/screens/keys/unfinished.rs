//! Lists unfinished rotations.

use keyside_iam::iam::auth_public_key_status::State as KeyState;
use yew::prelude::*;

use super::load::Names;
use crate::{
    components::Card,
    model::rotation::Rotation,
    routes::{Query, Route, href},
    text::rotation as text,
};

/// A link for each rotation; empty if there are none.
pub fn unfinished(rotations: &[Rotation], names: &Names, query: &Query) -> Html {
    if rotations.is_empty() {
        return html! {};
    }
    let link = |rotation: &Rotation| {
        let (old, new) = (&rotation.old, &rotation.new);
        let query = Query {
            replaces: Some(old.id.clone()),
            ..query.scope()
        };
        let left = match old.state {
            Some(KeyState::ACTIVE) => text::LEFT_TO_DEACTIVATE,
            _ => text::LEFT_TO_DELETE,
        };
        let name = names
            .displayed
            .get(&old.account_id)
            .unwrap_or(&old.account_id);
        html! {
            <li key={old.id.clone()}>
                <a class="choice" href={href(&Route::Create, &query)}>
                    <strong><bdi>{ text::resume(name) }</bdi></strong>
                    <span><code>{ &old.id }</code>{ " → " }<code>{ &new.id }</code></span>
                    <span class="hint">{ left }</span>
                </a>
            </li>
        }
    };
    html! {
        <Card id="unfinished" title={text::UNFINISHED}>
            <ul class="choices">{ for rotations.iter().map(link) }</ul>
        </Card>
    }
}
