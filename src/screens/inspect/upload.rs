//! Uploads a public key that was generated elsewhere.

use yew::prelude::*;

use crate::{
    components::{Announcement, Card, CopyButton},
    model::{
        Chosen,
        creation::{Creation, run},
        issue::{Goal, Issuer},
    },
    routes::{Route, href, use_query},
    screens::create::form::{Form, use_form},
    session::use_workspace,
    text::{self, create, inspect as words},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub creation: UseReducerHandle<Creation>,
    pub issuer: Issuer,
    /// The service accounts chosen, at first the one that the file names.
    pub chosen: UseStateHandle<Chosen>,
    /// Changes to reload the list of accounts.
    pub visits: u32,
}

/// The form, then the authorized key.
#[component]
pub fn Upload(props: &Props) -> Html {
    let workspace = use_workspace();
    let query = use_query().scope();
    let Props {
        creation, issuer, ..
    } = props;
    let mut form = use_form(&workspace, None);
    form.chosen = props.chosen.clone();
    if creation.half().is_none() || workspace.session().is_none() {
        return html! {};
    }
    if let Some(uploaded) = &creation.issued.uploaded {
        let key = Route::Key {
            id: uploaded.key_id.clone(),
        };
        return html! {
            <Card id="upload-step" title={words::UPLOADED}>
                <Announcement id="uploaded">
                    { words::UPLOADED_AS }{ " " }
                    <CopyButton id="key-id" name={text::KEY_ID} text={uploaded.key_id.clone()} />
                    if let Some(note) = uploaded.note { { " " }{ note } }
                </Announcement>
                <p><a id="view-key" href={href(&key, &query)}>{ create::VIEW_KEY }</a></p>
            </Card>
        };
    }
    let submit = {
        let (creation, issuer, form) = (creation.clone(), issuer.clone(), form.clone());
        Callback::from(move |()| {
            let order = form.chosen.values().find_map(|account| form.order(account));
            if order.is_some() {
                run(&issuer, &creation, Goal::PublicKey, order);
            }
        })
    };
    html! {
        <Form {form} creation={creation.clone()} is_import=true visits={props.visits} on_submit={submit} />
    }
}
