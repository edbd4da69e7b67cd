//! Keeps the keyboard's place when the element that had it goes away.

use web_sys::HtmlElement;
use yew::prelude::*;

/// Gives a reference for the element that comes in place of the one that was used last. When it
/// appears and nothing has the focus any more, or only what keeps the place meanwhile
/// (www/start.js), it gets it; a person at work elsewhere on the page is left alone.
///
/// Both orders happen: Yew lets the browser go on between a change of the document and its effects
/// when the machine is slow.
#[hook]
pub fn use_lost_focus() -> NodeRef {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let document = web_sys::window().and_then(|window| window.document());
            let active = document.and_then(|document| document.active_element());
            let is_lost = active.is_none_or(|element| {
                element.tag_name() == "BODY" || element.has_attribute("data-keeps-place")
            });
            if is_lost && let Some(element) = node.cast::<HtmlElement>() {
                // Without focus the page works as before.
                let _ = element.focus();
            }
        });
    }
    node
}

/// See [`Arrival`].
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
