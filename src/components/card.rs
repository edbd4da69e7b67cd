//! A titled section of a screen.

use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub id: &'static str,
    pub title: AttrValue,
    pub children: Html,
}

/// A section labelled by its heading.
#[component]
pub fn Card(props: &Props) -> Html {
    let heading = format!("{}-heading", props.id);
    html! {
        <section id={props.id} class="card" aria-labelledby={heading.clone()}>
            <h2 id={heading}>{ &props.title }</h2>
            { props.children.clone() }
        </section>
    }
}
