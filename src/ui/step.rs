//! One step of the guided screen: a numbered section that is open, or waits for an earlier one.

use yew::prelude::*;

/// See [`Step`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Also the section's id in the document.
    pub id: &'static str,
    /// Its place among the steps of the screen, where there are steps.
    #[prop_or_default]
    pub number: Option<u8>,
    /// The heading.
    pub title: AttrValue,
    /// Whether its work is done.
    #[prop_or_default]
    pub done: bool,
    /// What has to happen first; the step is closed until then.
    #[prop_or_default]
    pub waits_for: Option<AttrValue>,
    /// The open step's content.
    pub children: Html,
}

/// See the module.
#[component]
pub fn Step(props: &Props) -> Html {
    let heading = format!("{}-heading", props.id);
    let class = classes!(
        "step",
        props.done.then_some("done"),
        props.waits_for.is_some().then_some("waiting"),
    );
    html! {
        <section id={props.id} {class} aria-labelledby={heading.clone()}>
            <h2 id={heading}>
                if let Some(number) = props.number {
                    <span class="number" aria-hidden="true">
                        { if props.done { "✓".to_owned() } else { number.to_string() } }
                    </span>
                }
                { &props.title }
                if props.done { <span class="hidden">{ " (done)" }</span> }
            </h2>
            if let Some(waits_for) = &props.waits_for {
                <p class="hint">{ waits_for }</p>
            } else {
                { props.children.clone() }
            }
        </section>
    }
}
