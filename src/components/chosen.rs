//! A list to choose from shows what is chosen, whoever chose it.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Gives a reference for a `<select>`, which then shows the option of this value. The options' own
/// attribute says nothing more once a person chose there.
#[hook]
pub fn use_chosen(value: &str) -> NodeRef {
    let node = use_node_ref();
    {
        let (node, value) = (node.clone(), value.to_owned());
        // After every drawing: the options may have come, or changed, since the last one.
        use_effect(move || {
            if let Some(select) = node.cast::<HtmlSelectElement>() {
                select.set_value(&value);
            }
        });
    }
    node
}
