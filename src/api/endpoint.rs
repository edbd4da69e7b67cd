//! Where the API is and how it is spoken to, by config.json beside the page.

use connectrpc::Protocol;
use gloo_net::http::Request;
use js_sys::{Array, Error, JSON, Object};
use wasm_bindgen::JsCast;

use crate::text;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Absolute address; services are found below it.
    pub base: String,
    /// What it speaks, with binary protobuf.
    pub protocol: Protocol,
}

impl Endpoint {
    /// Reads config.json; without that file the API is where the page is, and speaks Connect.
    ///
    /// # Errors
    /// What is wrong with the file, in words.
    pub async fn read() -> Result<Self, String> {
        let file = match Request::get("config.json").send().await {
            Ok(response) if response.ok() => response.text().await.ok(),
            _ => None,
        };
        let here = web_sys::window()
            .and_then(|window| window.location().href().ok())
            .unwrap_or_default();
        Self::from_config(file.as_deref().unwrap_or("{}"), &here)
    }

    fn from_config(file: &str, here: &str) -> Result<Self, String> {
        let wrong = |why: &str| text::bad_config(why);
        let config = JSON::parse(file).map_err(|error| {
            let message = error.dyn_ref::<Error>().map(Error::message);
            wrong(&message.map(String::from).unwrap_or_default())
        })?;
        if Array::is_array(&config) || !config.is_object() {
            return Err(wrong("it is not an object"));
        }
        let (mut api, mut protocol) = (String::new(), Protocol::Connect);
        for entry in Object::entries(config.unchecked_ref()).iter() {
            let [name, value] = [0, 1].map(|at| entry.unchecked_ref::<Array>().get(at).as_string());
            match (name.unwrap_or_default().as_str(), value.as_deref()) {
                ("api", Some(address)) => address.clone_into(&mut api),
                ("protocol", Some("connect")) => protocol = Protocol::Connect,
                ("protocol", Some("grpc-web")) => protocol = Protocol::GrpcWeb,
                (name, _) => return Err(wrong(&format!("\"{name}\" is unknown or wrong"))),
            }
        }
        let relative = if api.is_empty() { "." } else { &api };
        let url = web_sys::Url::new_with_base(relative, here).map_err(|_| text::bad_base(&api))?;
        Ok(Self {
            base: url.href(),
            protocol,
        })
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const HERE: &str = "https://intern.example/tools/keys/";

    #[wasm_bindgen_test]
    fn the_api_is_where_config_json_says_relative_to_the_page() {
        let base = |file| Endpoint::from_config(file, HERE).unwrap().base;
        assert_eq!(base("{}"), HERE);
        assert_eq!(base(r#"{ "api": "" }"#), HERE);
        assert_eq!(base(r#"{ "api": "/iam" }"#), "https://intern.example/iam");
        assert_eq!(
            base(r#"{ "api": "https://iam.example:8443" }"#),
            "https://iam.example:8443/"
        );
        let spoken = |file| Endpoint::from_config(file, HERE).unwrap().protocol;
        assert_eq!(spoken("{}"), Protocol::Connect);
        assert_eq!(spoken(r#"{ "protocol": "grpc-web" }"#), Protocol::GrpcWeb);
    }

    #[wasm_bindgen_test]
    fn a_config_that_cannot_be_meant_is_told() {
        for file in [
            "",
            "[]",
            r#"{ "api": 1 }"#,
            r#"{ "protocol": "soap" }"#,
            r#"{ "apis": "/iam" }"#,
            r#"{ "api": "https://" }"#,
        ] {
            let told = Endpoint::from_config(file, HERE).unwrap_err();
            assert!(told.contains("config.json"), "{file}: {told}");
        }
    }
}
