// Starts the page: takes the token out of the address, checks the browser, loads the WebAssembly, and
// shows the screen that the address names.

// Where Trunk links to the page's program, with integrity hashes: its script and its WebAssembly.
const SCRIPT = document.querySelector("link[rel=modulepreload]");
const WASM = document.querySelector("link[rel=preload][as=fetch]");

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

// The screens: their names in the address, and their titles.
const SCREENS = {
  make: { title: "Make a key" },
  keys: { title: "Keys" },
  many: { title: "Many at once" },
  file: { title: "Check or bring a key file" },
  rotate: { title: "Rotate a key" },
};

// The program's function that starts a screen or a part of one.
let start;
// Starts key workers (worker-loader.js).
let workers;

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
  startWorker: () => workers.start(),
  share(next) { tell(next, current); },
  // A part of a screen; told again, it is about something else.
  part(name, place, next) {
    if (!parts.has(place)) parts.set(place, start(name, place, page, shared));
    parts.get(place).shown(next);
  },
  go(name, next) {
    about = next;
    location.hash = name;
  },
};

function named() {
  const name = location.hash.slice(1);
  return Object.hasOwn(SCREENS, name) ? SCREENS[name] : SCREENS.make;
}

// Screens that are not seen are not in the document, but go on.
function show(screen, isFirst) {
  current = screen;
  document.title = `${screen.title} · Keyside`;
  for (const link of document.querySelectorAll("nav a")) {
    if (SCREENS[link.hash.slice(1)] === screen) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const main = document.getElementById("page");
  if (!screen.place) {
    screen.place = document.createElement("div");
    const name = Object.keys(SCREENS).find((name) => SCREENS[name] === screen);
    screen.ears = start(name, screen.place, page, shared);
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

// With Trusted Types, this script can add that one script to the page and no other.
const scriptPolicy = globalThis.trustedTypes?.createPolicy("keyside-page", {
  createScriptURL: (url) => {
    if (url !== SCRIPT.href) throw new TypeError("not the page's script");
    return url;
  },
});

// Imports the page's script. `import()` alone checks no integrity hash, and a script element does: what
// it loaded is what `import()` of the same address gives. When it fails, guard.js says why.
async function importChecked() {
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.type = "module";
    script.integrity = SCRIPT.integrity;
    script.src = scriptPolicy?.createScriptURL(SCRIPT.href) ?? SCRIPT.href;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  return import(SCRIPT.href);
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
  const files = JSON.parse(document.getElementById("key-worker-files").textContent);
  workers = globalThis.keysideWorkers?.(files, document.baseURI);
  // Not loaded: guard.js says why.
  if (!workers) return;
  const { integrity } = WASM.dataset;
  const loading = [importChecked(), fetch(WASM.href, { integrity })];
  const [script, answer] = await Promise.allSettled(loading);
  if (answer.status === "rejected") {
    await globalThis.keysideGuard.refuseFile(WASM.href, true);
    return;
  }
  if (script.status === "rejected") return;
  try {
    await script.value.default({ module_or_path: answer.value });
    start = script.value.start;
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
  show(named(), true);
  // A worker that cannot be had now may be had later, and the page tells of it then; a changed one
  // is the end.
  workers.program().catch((error) => {
    if (error.url) globalThis.keysideGuard.refuseFile(error.url, false);
  });
}

await startPage();
