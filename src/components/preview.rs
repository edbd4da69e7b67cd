//! The request that uploads a public key, byte for byte.

use base64::{Engine, prelude::BASE64_STANDARD};
use yew::prelude::*;

use super::Copyable;
use crate::{
    api::{Api, KeyOrder},
    text::{self, preview as words},
    time,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The API that would receive it. Its token isn't displayed.
    pub api: Api,
    /// The order that would be sent.
    pub order: KeyOrder,
}

/// The request's address, fields and body.
#[component]
pub fn Preview(props: &Props) -> Html {
    let Props { api, order } = props;
    let request = api.create_key_request(order);
    let expires = match order.expires_s {
        Some(at_s) => time::utc(at_s),
        None => words::NEVER.to_owned(),
    };
    let description = match order.description.as_str() {
        "" => words::OMITTED,
        text => text,
    };
    html! {
        <div id="preview">
            <h3>{ words::TITLE }</h3>
            <pre tabindex="0"><code>{ words::head(&request.url, request.content_type) }</code></pre>
            <dl>
                <dt>{ text::PROJECT }</dt><dd><code>{ &order.project_id }</code></dd>
                <dt>{ text::SERVICE_ACCOUNT }</dt><dd><code>{ &order.service_account_id }</code></dd>
                <dt>{ text::EXPIRES }</dt><dd>{ expires }</dd>
                <dt>{ text::DESCRIPTION }</dt><dd><bdi>{ description }</bdi></dd>
                <dt>{ text::PUBLIC_KEY }</dt><dd><pre><code>{ &order.public_pem }</code></pre></dd>
            </dl>
            <p>{ words::BODY }</p>
            <Copyable id="preview-body" name={words::BODY_NAME}
                text={BASE64_STANDARD.encode(&request.body)} />
            <p class="hint">
                { words::DECODE }{ " " }<code>{ words::COMMAND }</code>
                if request.is_framed { { words::FRAMED } }
            </p>
        </div>
    }
}
