//! How wide the page is, in which colours, and pictures of it.

use std::{fs, path::PathBuf};

use serde_json::json;

use super::{Browser, Kind};

/// How a person sees the page. Looks other than the usual one work in Chromium only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The window's width in CSS pixels.
    pub width: u32,
    /// Device pixels per CSS pixel, which zooming changes.
    pub zoom: u32,
    /// The system's colour scheme is dark.
    pub dark: bool,
    /// The system's few colours replace the page's (Windows high contrast).
    pub forced_colours: bool,
    /// Whether the person asked for it.
    pub less_motion: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            width: 1280,
            zoom: 1,
            dark: false,
            forced_colours: false,
            less_motion: false,
        }
    }
}

impl Browser {
    /// Shows the page with this look, until another one or [`Browser::usual_look`].
    pub async fn look(&self, look: Look) {
        let either = |is: bool, yes: &'static str, no: &'static str| if is { yes } else { no };
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": either(look.dark, "dark", "light") },
            { "name": "forced-colors", "value": either(look.forced_colours, "active", "none") },
            { "name": "prefers-reduced-motion",
                "value": either(look.less_motion, "reduce", "no-preference") },
        ] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
        let metrics = json!({ "width": look.width, "height": 900 / look.zoom,
            "deviceScaleFactor": look.zoom, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Restores the look that the browser starts with.
    pub async fn usual_look(&self) {
        let usual = json!({ "features": [] });
        self.devtools("Emulation.setEmulatedMedia", usual).await;
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({}))
            .await;
    }

    /// Saves a picture of the whole page into the folder `KEYSIDE_SCREENSHOTS`, if it's set.
    pub async fn picture(&self, name: &str, width: u32, dark: bool) {
        if screenshots().is_none() {
            return;
        }
        let look = Look {
            width,
            dark,
            ..Look::default()
        };
        self.look(look).await;
        self.picture_in_current_look(name).await;
        self.usual_look().await;
    }

    /// Like [`Browser::picture`], with the current look. Firefox captures what fits its window.
    pub async fn picture_in_current_look(&self, name: &str) {
        let Some(folder) = screenshots() else {
            return;
        };
        let png = match self.kind {
            Kind::SharedChromium | Kind::OwnChromium => {
                self.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true }))
                    .await;
                let shot = json!({ "format": "png", "captureBeyondViewport": true });
                let shot = self.devtools("Page.captureScreenshot", shot).await;
                use base64::prelude::{BASE64_STANDARD, Engine};
                BASE64_STANDARD
                    .decode(shot["data"].as_str().unwrap())
                    .unwrap()
            }
            Kind::Firefox(_) => self.client.screenshot().await.unwrap(),
        };
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }
}

fn screenshots() -> Option<PathBuf> {
    std::env::var_os("KEYSIDE_SCREENSHOTS").map(PathBuf::from)
}
