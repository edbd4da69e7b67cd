//! Keeps the keyboard focus in place when the focused element is removed or disabled.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Element, EventTarget, FocusEvent, HtmlElement, MutationObserver, MutationObserverInit,
};
use yew::prelude::*;

use crate::events::listen;

/// Marks the element that holds the focus until a new element takes it (focus.rs).
pub const KEEPS_PLACE: &str = "data-keeps-place";

#[derive(Default)]
struct Place {
    last: Option<Element>,
    /// The cards and dialogs around it, innermost first.
    around: Vec<Element>,
    /// The element that holds the focus meanwhile.
    keeper: Option<Element>,
}

/// Watches `main`: a lost focus returns to its element, or to the heading of its card, instead of the start
/// of the page.
#[hook]
pub fn use_kept_focus(main: NodeRef) {
    use_effect_with((), move |()| {
        // Lives as long as the page.
        watch(&main);
    });
}

fn watch(main: &NodeRef) -> Option<()> {
    let main = main.cast::<HtmlElement>()?;
    let document = web_sys::window()?.document()?;
    let place = Rc::new(RefCell::new(Place::default()));
    let on_focus = {
        let place = Rc::clone(&place);
        move |event: FocusEvent| {
            if let Some(target) = element(event.target()) {
                place.borrow_mut().moved_to(target);
            }
        }
    };
    let on_blur = {
        let (place, document) = (Rc::clone(&place), document.clone());
        move |event: FocusEvent| {
            let (target, next) = (element(event.target()), event.related_target());
            let (place, document) = (Rc::clone(&place), document.clone());
            // The element may be about to be removed, so check afterwards.
            spawn_local(async move {
                let is_usable = target.as_ref().is_some_and(is_usable);
                let mut place = place.borrow_mut();
                // The user clicked elsewhere to leave the element.
                if place.last == target
                    && next.is_none()
                    && is_usable
                    && document.has_focus().unwrap_or_default()
                {
                    place.last = None;
                }
            });
        }
    };
    listen(&document, "focusin", on_focus);
    listen(&document, "focusout", on_blur);
    let observed = main.clone();
    let is_lost = Rc::new(move || document.active_element() == document.body().map(Element::from));
    let keep = Rc::new(move || {
        // Focus only once the borrow has ended: the focus event borrows `place` again.
        let goal = place.borrow_mut().keep(&main);
        if let Some(goal) = goal {
            // The page works without focus, too.
            let _ = goal.focus();
        }
    });
    let on_change = Closure::<dyn Fn()>::new(move || {
        if is_lost() {
            // A replacement that appears at once takes the focus first (focus.rs).
            let (is_lost, keep) = (Rc::clone(&is_lost), Rc::clone(&keep));
            Timeout::new(0, move || {
                if is_lost() {
                    keep();
                }
            })
            .forget();
        }
    });
    let observer = MutationObserver::new(on_change.into_js_value().unchecked_ref()).ok()?;
    let options = MutationObserverInit::new();
    options.set_subtree(true);
    options.set_child_list(true);
    options.set_attribute_filter(&Array::of1(&JsValue::from("disabled")));
    observer.observe_with_options(&observed, &options).ok()
}

fn element(target: Option<EventTarget>) -> Option<Element> {
    target?.dyn_into().ok()
}

fn is_usable(element: &Element) -> bool {
    element.is_connected() && !element.matches(":disabled").unwrap_or_default()
}

impl Place {
    fn moved_to(&mut self, target: Element) {
        if self.keeper.as_ref() != Some(&target) {
            self.release();
        }
        self.around.clear();
        let mut at = target.parent_element();
        while let Some(part) = at.and_then(|at| at.closest("dialog, .card").ok().flatten()) {
            at = part.parent_element();
            self.around.push(part);
        }
        self.last = Some(target);
    }

    fn release(&self) {
        if let Some(keeper) = &self.keeper {
            // Removing an attribute can't fail.
            let _ = keeper.remove_attribute(KEEPS_PLACE);
        }
    }

    /// The element to focus.
    fn keep(&mut self, main: &HtmlElement) -> Option<HtmlElement> {
        let last = self.last.as_ref()?;
        if last.is_connected() {
            return is_usable(last)
                .then(|| last.clone().dyn_into().ok())
                .flatten();
        }
        let part = self.around.iter().find(|part| part.is_connected());
        let heading = part.and_then(|part| part.query_selector("h2").ok().flatten());
        let keeper: HtmlElement = match heading.and_then(|heading| heading.dyn_into().ok()) {
            Some(heading) => {
                HtmlElement::set_tab_index(&heading, -1);
                heading
            }
            None => main.clone(),
        };
        self.release();
        // Setting an attribute can't fail.
        let _ = keeper.set_attribute(KEEPS_PLACE, "");
        self.keeper = Some(keeper.clone().into());
        Some(keeper)
    }
}
