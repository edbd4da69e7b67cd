//! When a key expires, with a calendar file that reminds of it.

use yew::prelude::*;

use super::{
    files::save::{self, CALENDAR},
    moment_s,
};
use crate::{model::calendar, text};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub key_id: AttrValue,
    /// The service account's name or ID.
    pub account: AttrValue,
    /// When it expires, in seconds since 1970.
    pub at_s: i64,
}

/// The time, and a button that saves the file.
#[component]
pub fn Expires(props: &Props) -> Html {
    let is_refused = use_state(|| false);
    let onclick = {
        let (key_id, account, at_s) = (props.key_id.clone(), props.account.clone(), props.at_s);
        let is_refused = is_refused.clone();
        Callback::from(move |_: MouseEvent| {
            let content = calendar::file(&key_id, &account, at_s);
            let name = format!("{key_id}-expires.ics");
            let blob = save::text_blob(&content, CALENDAR);
            is_refused.set(!blob.is_some_and(|blob| save::save(&blob, &name)));
        })
    };
    html! {
        <>
            { moment_s(props.at_s) }{ " " }
            <button type="button" id="add-to-calendar" class="quiet small" {onclick}>
                { text::ADD_TO_CALENDAR }
            </button>
            if *is_refused {
                <span class="wrong" role="alert">{ keyside_engine::text::NO_FILE }</span>
            }
        </>
    }
}
