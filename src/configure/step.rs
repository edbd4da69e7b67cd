//! The step of a screen that shows the configuration of the new key, once there is one.

use yew::prelude::*;

use crate::{
    link::{About, Link},
    state::{App, ChosenAccount, Uploaded},
    ui::Step,
};

/// See [`ConfigureStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// To the program that has the configuration.
    pub link: Link,
    /// Its place on the screen.
    #[prop_or(7)]
    pub number: u8,
    /// What comes first, as long as it has not.
    #[prop_or(AttrValue::Static("Waits for the upload of step 4."))]
    pub waits_for: AttrValue,
}

/// See the module.
#[component]
pub fn ConfigureStep(props: &Props) -> Html {
    let place = use_node_ref();
    let about = props
        .app
        .uploaded
        .as_ref()
        .map(|uploaded| about(uploaded, props.app.account.as_ref()));
    {
        let (place, link) = (place.clone(), props.link.clone());
        use_effect_with(about.clone(), move |about| {
            if let (Some(about), Some(place)) = (about, place.cast::<web_sys::Element>()) {
                link.part("configure", &place, about);
            }
        });
    }
    let waits_for = about.is_none().then(|| props.waits_for.clone());
    html! {
        <Step id="configure-step" number={props.number} title="Configure" {waits_for}>
            <div ref={place}></div>
        </Step>
    }
}

/// Another account may have been chosen since: its name and project are not this key's.
fn about(uploaded: &Uploaded, account: Option<&ChosenAccount>) -> About {
    let account = account.filter(|account| account.id == uploaded.service_account_id);
    About {
        account: ChosenAccount {
            id: uploaded.service_account_id.clone(),
            name: account.and_then(|account| account.name.clone()),
            project_id: account.and_then(|account| account.project_id.clone()),
        },
        key_id: Some(uploaded.key_id.clone()),
    }
}
