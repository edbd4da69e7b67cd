//! Saves directly into a folder of the user's choice, where the browser supports it (File System Access:
//! Chromium).

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// A chosen folder: a `FileSystemDirectoryHandle`.
#[derive(Clone, PartialEq)]
pub struct Folder(JsValue);

/// The result of saving a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Saving {
    Saved,
    /// A file of that name existed, and the user kept it.
    Kept,
}

/// Whether this browser can choose folders.
pub fn is_offered() -> bool {
    web_sys::window().is_some_and(|window| picker(&window).is_some())
}

fn picker(window: &web_sys::Window) -> Option<Function> {
    let picker = Reflect::get(window, &"showDirectoryPicker".into()).ok()?;
    picker.dyn_into().ok()
}

impl Folder {
    /// Asks the user to choose a folder; `None` if they cancel or the browser denies access.
    pub async fn choose() -> Option<Self> {
        let window = web_sys::window()?;
        let options = object("mode", &"readwrite".into())?;
        let promise = picker(&window)?.call1(&window, &options).ok()?;
        let handle = JsFuture::from(promise.dyn_into::<Promise>().ok()?).await;
        handle.ok().map(Self)
    }

    /// The folder's name, without its path.
    pub fn name(&self) -> String {
        let name = Reflect::get(&self.0, &"name".into()).ok();
        name.and_then(|name| name.as_string()).unwrap_or_default()
    }

    /// Writes a file. `may_replace` is asked before an existing file is replaced.
    ///
    /// # Errors
    /// If the browser or the disk refuses; an existing file stays intact.
    pub async fn save<Answer: Future<Output = bool>>(
        &self,
        blob: &Blob,
        name: &str,
        may_replace: impl FnOnce() -> Answer,
    ) -> Result<Saving, JsValue> {
        let is_there = call(&self.0, "getFileHandle", &[&name.into()])
            .await
            .is_ok();
        if is_there && !may_replace().await {
            return Ok(Saving::Kept);
        }
        let written = self.write(blob, name).await;
        if written.is_err() && !is_there {
            // Remove the empty file: it looks like a key and would need confirmation on the next try.
            let _ = call(&self.0, "removeEntry", &[&name.into()]).await;
        }
        written.map(|()| Saving::Saved)
    }

    async fn write(&self, blob: &Blob, name: &str) -> Result<(), JsValue> {
        let create = object("create", &true.into()).ok_or(JsValue::UNDEFINED)?;
        let file = call(&self.0, "getFileHandle", &[&name.into(), &create]).await?;
        // The browser writes to a temporary file beside it, which it renames at the end.
        let stream = call(&file, "createWritable", &[]).await?;
        let written = match call(&stream, "write", &[blob.as_ref()]).await {
            Ok(_) => call(&stream, "close", &[]).await,
            failed => failed,
        };
        if written.is_err() {
            let _ = call(&stream, "abort", &[]).await;
        }
        written.map(drop)
    }
}

async fn call(on: &JsValue, method: &str, arguments: &[&JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(on, &method.into())?.dyn_into()?;
    let arguments: Array = arguments.iter().copied().collect();
    let promise: Promise = method.apply(on, &arguments)?.dyn_into()?;
    JsFuture::from(promise).await
}

fn object(name: &str, value: &JsValue) -> Option<Object> {
    let object = Object::new();
    Reflect::set(&object, &name.into(), value).ok()?;
    Some(object)
}
