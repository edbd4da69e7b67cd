//! The API's address, protocol and key lifetimes, from config.json beside the page.

use gloo_net::http::Request;
use js_sys::{Array, Error, JSON, Object};
use keyside_iam::key_lifetime::{DaysError, KeyLifetime};
use wasm_bindgen::JsCast;

use super::Protocol;
use crate::text::api as text;

/// The settings in config.json.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The absolute base address; service paths are appended.
    pub base: String,
    /// The protocol, with binary protobuf.
    pub protocol: Protocol,
    /// The allowed lifetimes of new keys.
    pub key_lifetime: KeyLifetime,
    /// Whether a proxy signs people in, so that the page needs no token.
    pub signs_in_at_proxy: bool,
}

impl Endpoint {
    /// Reads config.json; without it, the API has the page's address and speaks Connect.
    ///
    /// # Errors
    /// If the file is invalid, with a message for the user.
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
        let (mut default, mut max) = (None, None);
        let mut signs_in_at_proxy = false;
        let days = |text: &str| {
            text.parse()
                .map(Some)
                .map_err(|why: DaysError| wrong(&why.to_string()))
        };
        for entry in Object::entries(config.unchecked_ref()).iter() {
            let [name, value] = [0, 1].map(|at| entry.unchecked_ref::<Array>().get(at).as_string());
            match (name.unwrap_or_default().as_str(), value.as_deref()) {
                ("api", Some(address)) => address.clone_into(&mut api),
                ("protocol", Some("connect")) => protocol = Protocol::Connect,
                ("protocol", Some("grpc-web")) => protocol = Protocol::GrpcWeb,
                ("sign-in", Some("proxy")) => signs_in_at_proxy = true,
                ("key-lifetime-default", Some(text)) => default = days(text)?,
                ("key-lifetime-max", Some(text)) => max = days(text)?,
                (name, _) => return Err(wrong(&format!("\"{name}\" is unknown or wrong"))),
            }
        }
        let relative = if api.is_empty() { "." } else { &api };
        let url = web_sys::Url::new_with_base(relative, here).map_err(|_| text::bad_base(&api))?;
        Ok(Self {
            base: url.href(),
            protocol,
            key_lifetime: KeyLifetime::new(default, max).map_err(|why| wrong(&why.to_string()))?,
            signs_in_at_proxy,
        })
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const HERE: &str = "https://intern.example/tools/keys/";

    #[wasm_bindgen_test]
    fn the_api_address_is_relative_to_the_page() {
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
    fn config_json_says_that_a_proxy_signs_people_in() {
        let at_proxy = |file| Endpoint::from_config(file, HERE).unwrap().signs_in_at_proxy;
        assert!(!at_proxy("{}"));
        assert!(at_proxy(r#"{ "sign-in": "proxy" }"#));
    }

    #[wasm_bindgen_test]
    fn config_json_sets_key_lifetimes() {
        let lifetime = |file| Endpoint::from_config(file, HERE).unwrap().key_lifetime;
        assert_eq!(lifetime("{}"), KeyLifetime::default());
        let both = lifetime(r#"{ "key-lifetime-default": "30d", "key-lifetime-max": "60d" }"#);
        assert_eq!(both.default_days().get(), 30);
        assert_eq!(both.max().map(|max| max.get()), Some(60));
    }

    #[wasm_bindgen_test]
    fn invalid_configs_are_reported() {
        for file in [
            "",
            "[]",
            r#"{ "api": 1 }"#,
            r#"{ "protocol": "soap" }"#,
            r#"{ "apis": "/iam" }"#,
            r#"{ "sign-in": "somewhere" }"#,
            r#"{ "api": "https://" }"#,
            r#"{ "key-lifetime-max": 90 }"#,
            r#"{ "key-lifetime-max": "90" }"#,
            r#"{ "key-lifetime-max": "30d", "key-lifetime-default": "90d" }"#,
        ] {
            let error = Endpoint::from_config(file, HERE).unwrap_err();
            assert!(error.contains("config.json"), "{file}: {error}");
        }
    }
}
