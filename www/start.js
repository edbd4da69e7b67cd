// Starts the page: takes the token out of the address, checks the browser, loads the WebAssembly.
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
  start(token, startKeyWorker);
  // A worker that cannot be had now may be had later, and the page tells of it then; a changed one
  // is the end.
  keyWorkerProgram().catch((error) => {
    if (error.url) globalThis.keysideGuard.refuseFile(error.url, false);
  });
}

await startPage();
