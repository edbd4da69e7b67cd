//! Where files go: to the browser's downloads, or into a folder that was chosen.

use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;
use yew::prelude::*;

use super::{
    folder::{self, Folder, Saving},
    save,
};
use crate::{
    engine::{
        EngineError,
        message::{Code, Fault},
    },
    text,
};

/// Saves a file; tells whether it was: a file that is there may be kept instead.
///
/// # Errors
/// When the browser or the folder refuses.
pub async fn deliver(
    blob: &Blob,
    name: &str,
    folder: Option<&Folder>,
) -> Result<bool, EngineError> {
    let Some(folder) = folder else {
        return if save::save(blob, name) {
            Ok(true)
        } else {
            Err(fault(text::NO_FILE))
        };
    };
    match folder.save(blob, name).await {
        Ok(saving) => Ok(saving == Saving::Saved),
        Err(_) => Err(fault(text::NOT_IN_FOLDER)),
    }
}

fn fault(words: &str) -> EngineError {
    EngineError::Failed(Fault::new(Code::NoFile, words))
}

/// See [`Destination`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The chosen folder; none: the downloads.
    pub folder: UseStateHandle<Option<Folder>>,
}

/// The choice between the two; nothing where the browser offers no folders.
#[component]
pub fn Destination(props: &Props) -> Html {
    if !folder::is_offered() {
        return html! {};
    }
    let choose = {
        let folder = props.folder.clone();
        Callback::from(move |_: MouseEvent| {
            let folder = folder.clone();
            spawn_local(async move {
                if let Some(chosen) = Folder::choose().await {
                    folder.set(Some(chosen));
                }
            });
        })
    };
    let back = {
        let folder = props.folder.clone();
        Callback::from(move |_: MouseEvent| folder.set(None))
    };
    html! {
        <p id="destination" role="status">
            if let Some(folder) = &*props.folder {
                { "Files go straight into the folder " }<strong>{ folder.name() }</strong>{ ". " }
                <button type="button" id="to-downloads" class="quiet" onclick={back}>
                    { "Use the downloads instead" }
                </button>
            } else {
                <button type="button" id="choose-folder" class="quiet" onclick={choose}>
                    { "Save into a folder instead of the downloads" }
                </button>
            }
        </p>
    }
}
