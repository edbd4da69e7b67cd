//! Restores keyboard focus after the focused element is removed.

use gloo_timers::callback::Timeout;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::KEEPS_PLACE;

/// A ref for the element that replaces the last used one. When the element appears, it takes the focus, unless
/// something other than the placeholder of keep_place.rs has it: people working elsewhere on the page aren't
/// interrupted.
#[hook]
pub fn use_lost_focus() -> NodeRef {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            take_lost_focus(&node);
            // The replaced element may belong to another component and be removed a moment later.
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
        // The page works without focus, too.
        let _ = element.focus();
    }
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub id: &'static str,
    /// Extra CSS classes.
    #[prop_or_default]
    pub class: Classes,
    pub children: Html,
}

/// A status paragraph that takes a lost focus, so that screen readers announce it.
#[component]
pub fn Announcement(props: &Props) -> Html {
    let node = use_lost_focus();
    html! {
        <p id={props.id} class={props.class.clone()} ref={node} tabindex="-1" role="status">
            { props.children.clone() }
        </p>
    }
}
