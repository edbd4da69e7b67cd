// Starts the page: takes the token out of the address, checks the browser, loads the WebAssembly, and
// shows the screen that the address names.
import init, { start } from "./keyside-page.js";
import { keyWorkerProgram, startKeyWorker } from "./key-workers.js";

// First of all, so that the token stands in the address bar and in the tab's history no longer
// than it must.
function takeToken() {
  const found = /^#token=(.+)$/.exec(location.hash);
  if (!found) return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    return decodeURIComponent(found[1]);
  } catch {
    return found[1];
  }
}

// Without the guard nobody would say what is wrong: the page does not start without it.
function refuse(text) {
  if (globalThis.keysideGuard) {
    globalThis.keysideGuard.refuse(text);
  } else {
    const place = document.getElementById("start");
    place.setAttribute("role", "alert");
    place.textContent = text;
    place.parentElement.replaceChildren(place);
  }
}

// The screens: their names in the address, their titles, and the program that each is in.
const SCREENS = {
  make: { title: "Make a key", load: async () => start },
  keys: { title: "Keys", load: loadKeysProgram },
  many: { title: "Many at once", load: loadKeysProgram },
  file: { title: "Check or bring a key file", load: loadKeysProgram },
  rotate: { title: "Rotate a key", load: loadKeysProgram },
};

// What every screen knows of the session; a new object for each change of it.
let shared = {};
// What the next screen is to be about.
let about;
// The screen that is seen.
let current;

// Tells the session to every screen but the one that it comes from.
function tell(next, from) {
  shared = next;
  for (const screen of Object.values(SCREENS)) {
    if (screen !== from) screen.ears?.hear(shared);
  }
}

// The parts that are shown, by their places.
const parts = new WeakMap();

const page = {
  startWorker: startKeyWorker,
  share(next) { tell(next, current); },
  // A part of a screen; told again, it is about something else.
  async part(name, place, next) {
    const told = parts.get(place) ?? {};
    parts.set(place, told);
    told.about = next;
    if (told.isLoading) return;
    if (!told.ears) {
      told.isLoading = true;
      place.replaceChildren(note("Loading this part…"));
      try {
        const startPart = await loadKeysProgram();
        place.replaceChildren();
        told.ears = startPart(name, place, page, shared);
      } catch {
        place.replaceChildren(failure("This part", () => page.part(name, place, told.about)));
      }
      told.isLoading = false;
    }
    told.ears?.shown(told.about);
  },
  go(name, next) {
    about = next;
    location.hash = name;
  },
};

const named = () => SCREENS[location.hash.slice(1)] ?? SCREENS.make;

// Screens that are not seen are not in the document, but go on.
async function show(screen, isFirst) {
  current = screen;
  document.title = `${screen.title} · Keyside`;
  for (const link of document.querySelectorAll("nav a")) {
    if (SCREENS[link.hash.slice(1)] === screen) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const main = document.getElementById("page");
  if (!screen.place) {
    main.replaceChildren(note("Loading this screen…"));
    let startScreen;
    try {
      startScreen = await screen.load();
    } catch {
      if (screen === current) {
        main.replaceChildren(failure("This screen", () => show(screen, false)));
      }
      return;
    }
    // Another one may have been asked for, or this one twice, in the meantime.
    if (globalThis.keysideGuard.hasRefused()) return;
    if (!screen.place) {
      const place = document.createElement("div");
      const name = Object.keys(SCREENS).find((name) => SCREENS[name] === screen);
      screen.ears = startScreen(name, place, page, shared);
      screen.place = place;
    }
    if (screen !== current) return;
  }
  main.replaceChildren(screen.place);
  // Out of the document a question is no longer modal.
  for (const dialog of screen.place.querySelectorAll("dialog[open]")) {
    dialog.removeAttribute("open");
    dialog.showModal();
  }
  const told = about;
  about = undefined;
  screen.ears.shown(told);
  if (isFirst) return;
  // Here begins what is read; it keeps no place.
  main.removeAttribute("data-keeps-place");
  main.focus({ preventScroll: true });
}

function note(text) {
  const place = document.createElement("p");
  place.setAttribute("role", "status");
  place.textContent = text;
  return place;
}

function failure(what, tryAgain) {
  const place = document.createElement("div");
  place.className = "problem";
  place.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = `${what} cannot be loaded: the server may be stopped, or the network is down. `
    + "Nothing is lost on the others. Check that it runs, then try again.";
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "Try again";
  again.onclick = tryAgain;
  place.append(text, again);
  return place;
}

const KEYS = { script: "keyside-keys.js", program: "keyside-keys_bg.wasm" };
const here = (name) => new URL(name, import.meta.url).href;

const screenPolicy = globalThis.trustedTypes?.createPolicy("keyside-screen", {
  createScriptURL: (url) => {
    if (url.replace(/\?\d+$/, "") !== here(KEYS.script)) throw new TypeError("not a script of the page");
    return url;
  },
});

// The program of the other screens, once for all of them. What is missing may be tried again; what
// is not as it was built is the end (guard.js).
let keysProgram;
let keysTries = 0;
function loadKeysProgram() {
  keysProgram ??= (async () => {
    const loaded = new Promise((resolve, reject) => {
      // Browsers do not ask again for a module that did not come once; by another address they do.
      const url = here(KEYS.script) + (keysTries > 0 ? `?${keysTries}` : "");
      keysTries += 1;
      const script = document.createElement("script");
      script.type = "module";
      script.integrity = "integrity of keyside-keys.js";
      script.dataset.later = "";
      script.src = screenPolicy?.createScriptURL(url) ?? url;
      script.onerror = () => { script.remove(); reject(new Error("not loaded")); };
      globalThis.keysideLoaded = (program) => { delete globalThis.keysideLoaded; resolve(program); };
      document.head.append(script);
    });
    const [program, answer] = await Promise.all([
      loaded,
      fetch(here(KEYS.program), { integrity: "integrity of keyside-keys_bg.wasm" }).catch(
        async (error) => {
          await globalThis.keysideGuard.refuseFile(here(KEYS.program), false);
          throw error;
        },
      ),
    ]);
    await program.init({ module_or_path: answer });
    return program.start;
  })().catch((error) => {
    keysProgram = undefined;
    throw error;
  });
  return keysProgram;
}

// Keeps the keyboard's place. What had the focus may go away, or be switched off while it works: then
// the focus goes back to it, or to the heading of the part that it was in, and not to the page's
// beginning.
function keepPlace() {
  const main = document.getElementById("page");
  let last;
  let around = [];
  let keeper;
  document.addEventListener("focusin", ({ target }) => {
    last = target;
    if (target !== keeper) keeper?.removeAttribute("data-keeps-place");
    around = [];
    for (let at = target; (at = at.parentElement?.closest("dialog, .step")); ) around.push(at);
  });
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    // Whoever clicks beside it wants to leave it. It may also be just about to go away.
    queueMicrotask(() => {
      const isUsable = target.isConnected && !target.disabled;
      if (target === last && !relatedTarget && isUsable && document.hasFocus()) last = undefined;
    });
  });
  new MutationObserver(() => {
    if (!last || document.activeElement !== document.body) return;
    if (last.isConnected) {
      if (!last.disabled) last.focus();
      return;
    }
    const heading = around.find((part) => part.isConnected)?.querySelector("h2");
    if (heading) heading.tabIndex = -1;
    keeper?.removeAttribute("data-keeps-place");
    keeper = heading ?? main;
    // What comes in place of what went, however late, takes the focus from here (src/ui/focus.rs).
    keeper.setAttribute("data-keeps-place", "");
    keeper.focus();
  }).observe(main, { subtree: true, childList: true, attributeFilter: ["disabled"] });
}

async function startPage() {
  const token = takeToken();
  if (!globalThis.keysideGuard) {
    refuse("Keyside did not start: the file guard.js is not the one that was built with this "
      + "page, or cannot be loaded. Nothing was made or sent. Do not use this page; tell who "
      + "runs it.");
    return;
  }
  const missing = [
    [typeof WebAssembly === "object", "WebAssembly"],
    [typeof Worker === "function", "Web Workers"],
    [typeof crypto === "object" && typeof crypto.getRandomValues === "function", "a random generator (crypto.getRandomValues)"],
  ].filter(([there]) => !there).map(([, name]) => name);
  if (missing.length > 0) {
    refuse(`Keyside makes keys inside this browser, but the browser has no ${missing.join(", no ")}, `
      + "or it is switched off here. Nothing was made or sent. Use a current Firefox, Chrome, Edge "
      + "or Safari, or ask who manages this browser to allow it.");
    return;
  }
  const program = new URL("keyside-page_bg.wasm", import.meta.url).href;
  const integrity = "integrity of keyside-page_bg.wasm";
  let answer;
  try {
    answer = await fetch(program, { integrity });
  } catch {
    await globalThis.keysideGuard.refuseFile(program, true);
    return;
  }
  try {
    await init({ module_or_path: answer });
  } catch (error) {
    console.error("Keyside did not start:", error);
    refuse("Keyside did not start: this browser could not run its program. Nothing was made or "
      + "sent. Load the page again; if that does not help, use a current Firefox, Chrome, Edge or "
      + "Safari.");
    return;
  }
  if (globalThis.keysideGuard.hasRefused()) return;
  if (token) shared = { token };
  document.querySelector("nav").hidden = false;
  keepPlace();
  addEventListener("hashchange", () => {
    // An address with a token, opened where the page is already.
    const next = takeToken();
    if (next) tell({ token: next }, undefined);
    show(named(), false);
  });
  // A file that is dropped beside its place would be opened in place of the page.
  for (const type of ["dragover", "drop"]) {
    addEventListener(type, (event) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
  }
  await show(named(), true);
  // A worker that cannot be had now may be had later, and the page tells of it then; a changed one
  // is the end.
  keyWorkerProgram().catch((error) => {
    if (error.url) globalThis.keysideGuard.refuseFile(error.url, false);
  });
}

await startPage();
