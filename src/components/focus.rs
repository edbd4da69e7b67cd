//! Keeps the keyboard's place when the element that had it goes away.

use gloo_timers::callback::Timeout;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::KEEPS_PLACE;

/// A reference for the element that replaces the one that was used last. When it appears and nothing has the
/// focus any more, or only what keeps the place meanwhile (keep_place.rs), it gets the focus; a person at work
/// elsewhere on the page is left alone.
#[hook]
pub fn use_lost_focus() -> NodeRef {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            take_lost_focus(&node);
            // The element that it replaces may be another component's, and go a moment later.
            let timer = Timeout::new(0, move || take_lost_focus(&node));
            move || drop(timer)
        });
    }
    node
}

fn take_lost_focus(node: &NodeRef) {
    let document = web_sys::window().and_then(|window| window.document());
    let active = document.and_then(|document| document.active_element());
    let is_lost = active
        .is_none_or(|element| element.tag_name() == "BODY" || element.has_attribute(KEEPS_PLACE));
    if is_lost && let Some(element) = node.cast::<HtmlElement>() {
        // Without focus the page works as before.
        let _ = element.focus();
    }
}

/// Properties of [`Arrival`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// For the document.
    pub id: &'static str,
    /// How it looks.
    #[prop_or_default]
    pub class: Classes,
    /// What has come.
    pub children: Html,
}

/// A paragraph that takes a lost focus, and that screen readers speak.
#[component]
pub fn Arrival(props: &Props) -> Html {
    let node = use_lost_focus();
    html! {
        <p id={props.id} class={props.class.clone()} ref={node} tabindex="-1" role="status">
            { props.children.clone() }
        </p>
    }
}
