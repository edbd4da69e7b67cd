//! What an upload will send, byte for byte, for whoever wants to see it before.

use base64::{Engine, prelude::BASE64_STANDARD};
use yew::prelude::*;

use crate::{
    api::{Api, KeyOrder},
    time,
    ui::Copyable,
};

/// See [`Preview`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who would send it. Its token is not shown.
    pub api: Api,
    /// What would be sent.
    pub order: KeyOrder,
}

/// See the module.
#[component]
pub fn Preview(props: &Props) -> Html {
    let open = use_state(|| false);
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: Event| open.set(!*open))
    };
    html! {
        <details id="preview" ontoggle={toggle}>
            <summary>{ "Show exactly what will be sent" }</summary>
            if *open { { shown(&props.api, &props.order) } }
        </details>
    }
}

fn shown(api: &Api, order: &KeyOrder) -> Html {
    let request = api.create_key_request(order);
    let expires = match &order.expires_at {
        Some(at) => time::utc(at),
        None => "(left out: never)".to_owned(),
    };
    let description = match order.description.as_str() {
        "" => "(left out)",
        text => text,
    };
    html! {
        <>
            <pre tabindex="0"><code>
                { format!(
                    "POST {}\ncontent-type: {}\nauthorization: Bearer (the token of step 1)\n\
                     x-idempotency-key: (random, drawn when it is sent)",
                    request.url, request.content_type
                ) }
            </code></pre>
            <dl>
                <dt>{ "Project" }</dt><dd><code>{ &order.project_id }</code></dd>
                <dt>{ "Service account" }</dt><dd><code>{ &order.service_account_id }</code></dd>
                <dt>{ "Expires" }</dt><dd>{ expires }</dd>
                <dt>{ "Description" }</dt><dd>{ description }</dd>
                <dt>{ "Public key" }</dt><dd><pre><code>{ &order.public_pem }</code></pre></dd>
            </dl>
            <p>{ "That is the whole body. Byte for byte, in base64:" }</p>
            <div id="preview-body">
                <Copyable name="the body in base64"
                    text={BASE64_STANDARD.encode(&request.body)} />
            </div>
            <p class="hint">
                { "To take it apart: " }<code>{ "base64 -d | protoc --decode_raw" }</code>
                if request.is_framed { { " (after the first five bytes, which are gRPC-Web's)" } }
            </p>
        </>
    }
}
