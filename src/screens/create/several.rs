//! Creates a key for each of several service accounts, and one ZIP with all credentials files.

use yew::prelude::*;

use super::{archive::Archive, results::results};
use crate::{
    components::Card,
    model::{
        batch::{Batch, BatchAction},
        batch_work,
        issue::Issuer,
    },
    text::several as text,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub issuer: Issuer,
    pub batch: UseReducerHandle<Batch>,
    /// Called to discard the keys and create others.
    pub on_start_over: Callback<()>,
}

/// The batch's progress, and its ZIP.
#[component]
pub fn Several(props: &Props) -> Html {
    let Props { issuer, batch, .. } = props;
    let (done, _) = batch.counts();
    let on_stop = {
        let batch = batch.clone();
        Callback::from(move |_: MouseEvent| batch.dispatch(BatchAction::Stop))
    };
    let on_continue = {
        let (issuer, batch) = (issuer.clone(), batch.clone());
        Callback::from(move |_: MouseEvent| batch_work::run(&issuer, &batch, BatchAction::Continue))
    };
    let on_saved = {
        let (batch, is_complete) = (batch.clone(), !batch.has_unverified());
        Callback::from(move |()| {
            if is_complete {
                batch.dispatch(BatchAction::Saved);
            }
        })
    };
    html! {
        <>
            <Card id="many-results" title={text::TITLE}>
                if !batch.is_saved { <p>{ text::NOT_SAVED }</p> }
                { results(batch, on_stop, on_continue) }
            </Card>
            if !batch.running {
                if done > 0 {
                    <Card id="many-zip" title={text::FILES}>
                        <Archive batch={batch.clone()} worker={issuer.worker.clone()} {on_saved} />
                    </Card>
                }
                <p>
                    <button type="button" id="clear-many" class="quiet"
                        onclick={props.on_start_over.reform(|_: MouseEvent| ())}>
                        { text::START_OVER }
                    </button>
                </p>
            }
        </>
    }
}
