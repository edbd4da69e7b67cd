//! A page on which Yew draws one field: the least that any page made with it has to load.
#![forbid(unsafe_code)]

use yew::prelude::*;

#[component]
fn Empty() -> Html {
    html! {
        <form>
            <label for="usable">{ "Token" }</label>
            <input id="usable" />
        </form>
    }
}

fn main() {
    yew::Renderer::<Empty>::new().render();
}
