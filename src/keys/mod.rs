//! The screen of a project's keys: found, sorted, and changed.

pub mod change;
pub mod list;
pub mod load;
mod of_account;
mod table;
pub mod tell;
mod view;

pub use of_account::KeysSection;
use yew::prelude::*;

use self::view::KeysView;
use crate::{
    connect::ConnectStep,
    link::About,
    screen::{ScreenProps, once_ready, use_screen},
};

/// See the module.
#[component]
pub fn KeysScreen(props: &ScreenProps) -> Html {
    // Counts how often the screen was shown: each time the list is read anew.
    let shown = use_state(|| 0_u32);
    // The key that another screen wants to see.
    let wanted = use_state(|| None::<String>);
    let on_shown = {
        let (shown, wanted) = (shown.clone(), wanted.clone());
        Callback::from(move |about: Option<About>| {
            wanted.set(about.and_then(|about| about.key_id));
            shown.set(*shown + 1);
        })
    };
    let app = use_screen(props, on_shown);
    once_ready(&app, || {
        html! {
            <>
                <ConnectStep app={app.clone()} />
                if let (Some(session), Some(project_id)) = (app.session(), &app.project_id) {
                    <KeysView key={project_id.clone()} session={session.clone()}
                        project_id={project_id.clone()} shown={*shown}
                        wanted={(*wanted).clone()} link={props.link.clone()} />
                }
            </>
        }
    })
}
