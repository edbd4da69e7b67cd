//! The form for a new key, and its progress.

use keyside_iam::key_lifetime::KeyLifetime;
use yew::prelude::*;

use super::rotation::Target;
use crate::{
    api::{Api, KeyOrder, Problem},
    components::{
        AccountPicker, Alert, Announcement, Card, Expiration, ExpirationField, Preview,
        ProblemView, check, keep, progress, proof,
    },
    model::{
        Chosen, ChosenAccount,
        creation::Creation,
        issue::{Order, Stage, Stopped},
        key_list::ListedKey,
        rotation,
    },
    prerequisites::{AccountGroups, Rights, use_denial},
    session::{WorkspaceHandle, use_workspace},
    text::{LOADING_KEY, TRY_AGAIN, create as text},
    time,
};

/// The form's input. It stays while another screen is displayed, and after a failure.
#[derive(Clone, PartialEq)]
pub struct FormState {
    /// The service accounts that get a key.
    pub chosen: UseStateHandle<Chosen>,
    /// May be empty.
    pub description: UseStateHandle<String>,
    /// When the keys expire.
    pub expiration: UseStateHandle<Expiration>,
    /// Whether the request is reviewed before it is sent.
    pub review: UseStateHandle<bool>,
    /// The key to replace, in a rotation.
    old: Option<ListedKey>,
    /// The allowed lifetimes.
    lifetime: KeyLifetime,
}

impl FormState {
    /// Clears what is unlikely to be the same for the next key.
    pub fn clear(&self) {
        self.description.set(String::new());
        self.review.set(false);
    }

    /// The order for an account; `None` if the expiration date is invalid.
    pub fn order(&self, account: &ChosenAccount) -> Option<Order> {
        let expires_s = self.expiration.date(&self.lifetime, time::now_s());
        Some(Order {
            account: account.clone(),
            description: self.whole_description(),
            expires_s: expires_s.ok()?,
        })
    }

    fn whole_description(&self) -> String {
        match &self.old {
            Some(old) => rotation::description(&old.id, &self.description),
            None => self.description.trim().to_owned(),
        }
    }
}

/// The form's state. A rotation starts with the old key's settings.
#[hook]
pub fn use_form(workspace: &WorkspaceHandle, target: Option<&Target>) -> FormState {
    let lifetime = workspace.key_lifetime();
    let form = FormState {
        chosen: use_state(Chosen::new),
        description: use_state(String::new),
        expiration: use_state(|| Expiration::default_for(&lifetime, time::now_s())),
        review: use_state(|| false),
        old: target.map(|target| target.old.clone()),
        lifetime,
    };
    {
        // Signing in may bring a shorter maximum.
        let form = form.clone();
        use_effect_with(lifetime, move |lifetime| {
            let now_s = time::now_s();
            if form.expiration.date(lifetime, now_s).is_err() {
                form.expiration
                    .set(Expiration::default_for(lifetime, now_s));
            }
        });
    }
    {
        let (form, target) = (form.clone(), target.cloned());
        let id = form.old.as_ref().map(|old| old.id.clone());
        use_effect_with(id, move |_| {
            let Some(Target { old, account, .. }) = target else {
                return;
            };
            let words = rotation::words(&old.description).to_owned();
            form.description.set(words);
            form.expiration
                .set(same_lifetime(&old, &lifetime, time::now_s()));
            form.chosen.set([(account.id.clone(), account)].into());
        });
    }
    form
}

/// The old key's original lifetime from now, if allowed.
fn same_lifetime(old: &ListedKey, lifetime: &KeyLifetime, now_s: i64) -> Expiration {
    let until = |expires_s: i64| {
        let life_s = expires_s.checked_sub(old.created_s)?.max(0);
        time::to_local_input(now_s.checked_add(life_s)?).map(Expiration::Date)
    };
    let like = match old.expires_s {
        None => Some(Expiration::Never),
        Some(expires_s) => until(expires_s),
    };
    like.filter(|like| like.date(lifetime, now_s).is_ok())
        .unwrap_or_else(|| Expiration::default_for(lifetime, now_s))
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub form: FormState,
    pub creation: UseReducerHandle<Creation>,
    /// The key to replace, once loaded.
    #[prop_or_default]
    pub target: Option<Result<Target, Problem>>,
    #[prop_or_default]
    pub is_rotation: bool,
    /// Whether the public key is from elsewhere.
    #[prop_or_default]
    pub is_import: bool,
    /// Changes to reload the lists.
    pub visits: u32,
    /// Called when the pointer or the focus gets to the fields, perhaps repeatedly: the key may soon be created.
    #[prop_or_default]
    pub on_approach: Callback<()>,
    /// Starts or continues creating the key.
    pub on_submit: Callback<()>,
    /// Cancels the generation.
    #[prop_or_default]
    pub on_cancel: Callback<MouseEvent>,
}

/// Service accounts, description, expiration and the button.
#[component]
pub fn Form(props: &Props) -> Html {
    let Props { form, creation, .. } = props;
    let workspace = use_workspace();
    let session = workspace.session();
    let FormState { old, lifetime, .. } = form;
    let is_busy = creation.stage.is_some();
    let denial = use_denial(session, &form.chosen, &form.whole_description());
    let submit = {
        let on_submit = props.on_submit.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            on_submit.emit(());
        })
    };
    let (id, title) = match (&props.target, props.is_rotation) {
        (Some(Ok(target)), _) => ("create-form", text::rotate(&target.old.id)),
        (_, true) => ("create-form", text::ROTATE.to_owned()),
        _ if props.is_import => ("upload-step", text::UPLOAD.to_owned()),
        _ => ("create-form", text::TITLE.to_owned()),
    };
    if props.is_rotation {
        match &props.target {
            Some(Ok(_)) => {}
            Some(Err(problem)) => {
                return html! {
                    <Card {id} {title}><ProblemView problem={problem.clone()} /></Card>
                };
            }
            None => {
                return html! {
                    <Card {id} {title}>
                        <p role="status">
                            { if session.is_some() { LOADING_KEY } else { text::SIGN_IN_TO_ROTATE } }
                        </p>
                    </Card>
                };
            }
        }
    }
    let only = (form.chosen.len() == 1)
        .then(|| form.chosen.values().next())
        .flatten();
    let is_ready = denial.is_none()
        && form.expiration.date(lifetime, time::now_s()).is_ok()
        && (session.is_none() || !form.chosen.is_empty());
    html! {
        <Card {id} {title}>
            if session.is_none() {
                <p class="hint">{ text::WITHOUT_API }</p>
            }
            if let Some(old) = old {
                <p id="target">
                    { text::NEW_KEY_FOR }{ " " }
                    <strong><bdi>{ only.map(|only| only.label().to_owned()) }</bdi></strong>{ " " }
                    <code>{ &old.account_id }</code>{ ". " }{ text::OLD_KEY_STAYS }
                </p>
            } else {
                <AccountPicker chosen={form.chosen.clone()} is_several={creation.half().is_none()}
                    disabled={is_busy} visits={props.visits} />
            }
            if let (Some(session), Some(account)) = (session, only) {
                <AccountGroups key={account.id.clone()} session={session.clone()}
                    tenant_id={workspace.tenant_id.clone()} account_id={account.id.clone()} />
            }
            if let Some(session) = session.filter(|_| !props.is_import) {
                <Rights session={session.clone()} tenant_id={workspace.tenant_id.clone()} />
            }
            <form onsubmit={submit.reform(Into::into)}
                onpointerover={props.on_approach.reform(|_: PointerEvent| ())}
                onfocusin={props.on_approach.reform(|_: FocusEvent| ())}>
                if let Some(session) = session {
                    <div class="fields">
                        { description(form, session.policy.description_label(), is_busy) }
                        <ExpirationField value={form.expiration.clone()} lifetime={*lifetime}
                            disabled={is_busy} />
                    </div>
                    if form.chosen.len() < 2 && creation.half().is_none() {
                        { check("review", &form.review, is_busy, text::REVIEW) }
                    }
                    if let Some(order) = reviewed(props) {
                        { preview(session.api.clone(), order, props.is_import) }
                    }
                }
                if let Some(denial) = &denial {
                    <p id="denial" class="wrong" role="status">{ denial.clone() }</p>
                }
                { match &creation.stage {
                    Some(Stage::Generating(now)) => progress(*now, props.on_cancel.clone()),
                    Some(Stage::Uploading) => waiting(text::UPLOADING),
                    Some(Stage::Verifying) => waiting(text::VERIFYING),
                    None => button(props, &submit, session.is_some(), is_ready, denial.is_some()),
                } }
                { stopped(props) }
            </form>
        </Card>
    }
}

fn description(form: &FormState, label: &'static str, is_busy: bool) -> Html {
    html! {
        <div>
            <label for="key-description">{ label }</label>
            <input id="key-description" autocomplete="off" disabled={is_busy}
                value={(*form.description).clone()} oninput={keep::<InputEvent>(&form.description)}
                aria-describedby={form.old.as_ref().map(|_| "description-hint")} />
            if form.old.is_some() {
                <p id="description-hint" class="hint">
                    { text::SAVED_AS }{ " " }
                    <q id="whole-description">{ form.whole_description() }</q>
                </p>
            }
        </div>
    }
}

/// The order to review, once its public key exists.
fn reviewed(props: &Props) -> Option<KeyOrder> {
    let Props { form, creation, .. } = props;
    let half = creation
        .half()
        .filter(|_| *form.review || props.is_import)?;
    let account = form.chosen.values().next()?;
    form.order(account)?.of_key(&half.public_pem)
}

fn preview(api: Api, order: KeyOrder, is_folded: bool) -> Html {
    let preview = html! { <Preview {api} {order} /> };
    if !is_folded {
        return preview;
    }
    html! {
        <details id="review-request"><summary>{ text::REVIEW }</summary>{ preview }</details>
    }
}

fn waiting(text: &'static str) -> Html {
    html! { <Announcement id="create-status">{ text }</Announcement> }
}

fn button(
    props: &Props,
    submit: &Callback<Event>,
    is_signed_in: bool,
    is_ready: bool,
    is_denied: bool,
) -> Html {
    let Props { form, creation, .. } = props;
    let (id, label) = match (creation.half(), is_signed_in) {
        (Some(_), true) if creation.stopped.is_some() => ("upload", TRY_AGAIN.to_owned()),
        (Some(_), true) => ("upload", text::UPLOAD.to_owned()),
        // Without an API, the pair's card says what to do next.
        (Some(_), false) => return html! {},
        (None, _) if creation.stopped.is_some() => ("create", TRY_AGAIN.to_owned()),
        (None, false) => ("create", text::GENERATE.to_owned()),
        (None, true) if props.is_rotation => ("create", text::CREATE_NEW.to_owned()),
        (None, true) => ("create", text::create(form.chosen.len())),
    };
    // While the page asks for a sign-in, that is the next step.
    let class = (!is_signed_in).then_some("quiet");
    // Enter in a field clicks it, too. Before a submission, browsers read the form for their password managers;
    // the click is some milliseconds earlier.
    let onclick = submit.reform(|event: MouseEvent| event.into());
    html! {
        <button {id} {class} type="submit" {onclick} disabled={!is_ready}
            aria-describedby={is_denied.then_some("denial")}>{ label }</button>
    }
}

/// Why the last attempt stopped, with buttons to continue.
fn stopped(props: &Props) -> Html {
    match &props.creation.stopped {
        None => html! {},
        Some(Stopped::NoPair(error)) => html! { <Alert text={error.to_string()} /> },
        Some(Stopped::NotUploaded(problem)) => html! {
            <ProblemView problem={problem.clone()}>
                if !props.is_import { <p>{ text::PAIR_STAYS }</p> }
            </ProblemView>
        },
        Some(Stopped::NotVerified(outcome)) => proof(outcome),
    }
}
