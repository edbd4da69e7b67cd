//! Keeps a `<select>` in sync with a value that can change elsewhere.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// A ref for a `<select>` that displays the option with this value. The `selected` attribute has no effect
/// once the user has chosen an option.
#[hook]
pub fn use_chosen(value: &str) -> NodeRef {
    let node = use_node_ref();
    {
        let (node, value) = (node.clone(), value.to_owned());
        // After every render, because the options may have changed.
        use_effect(move || {
            if let Some(select) = node.cast::<HtmlSelectElement>() {
                select.set_value(&value);
            }
        });
    }
    node
}
