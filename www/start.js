// Starts the page: takes the token out of the address, checks the browser, loads the WebAssembly.

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

function say(text) {
  const place = document.getElementById("start");
  place.setAttribute("role", "alert");
  place.textContent = text;
}

const token = takeToken();
const missing = [
  [typeof WebAssembly === "object", "WebAssembly"],
  [typeof Worker === "function", "Web Workers"],
  [typeof crypto === "object" && typeof crypto.getRandomValues === "function", "a random generator (crypto.getRandomValues)"],
].filter(([there]) => !there).map(([, name]) => name);

if (missing.length > 0) {
  say(`Keyside makes keys inside this browser, but the browser has no ${missing.join(", no ")}, `
    + "or it is switched off here. Nothing was made or sent. Use a current Firefox, Chrome, Edge "
    + "or Safari, or ask who manages this browser to allow it.");
} else {
  try {
    const page = await import("./keyside-page.js");
    await page.default();
    page.start(token, "key-worker-loader.js");
  } catch (error) {
    console.error("Keyside did not start:", error);
    say("Keyside did not start: its program could not be loaded whole. Load the page again; if "
      + "that does not help, tell who runs this page that keyside-page.js or "
      + "keyside-page_bg.wasm cannot be loaded.");
  }
}
