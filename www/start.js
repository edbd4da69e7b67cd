// Starts the page: checks the browser, loads the WebAssembly with its integrity hash, and passes it the
// function that starts key workers.

// Trunk's links to the page's script and WebAssembly, with integrity hashes.
const SCRIPT = document.querySelector("link[rel=modulepreload]");
const WASM = document.querySelector("link[rel=preload][as=fetch]");

// Without the guard, errors would go unreported, so the page doesn't start without it.
function refuse(text) {
  if (globalThis.keysideGuard) {
    globalThis.keysideGuard.refuse(text);
  } else {
    // Don't leave an access token in the address bar, as in the guard.
    history.replaceState(null, "", location.pathname + location.search);
    const place = document.getElementById("start");
    place.setAttribute("role", "alert");
    place.textContent = text;
    place.parentElement.replaceChildren(place);
  }
}

// With Trusted Types, this script can add that one script to the page and no other.
const scriptPolicy = globalThis.trustedTypes?.createPolicy("keyside-page", {
  createScriptURL: (url) => {
    if (url !== SCRIPT.href) throw new TypeError("not the page's script");
    return url;
  },
});

// Imports the page's script. `import()` doesn't check integrity hashes, but a script element does, and
// `import()` of the same address then returns what it loaded. guard.js reports errors.
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

async function startPage() {
  if (!globalThis.keysideGuard) {
    refuse("Keyside didn't start: the file guard.js isn't the one that was built with this page, or "
      + "it can't be loaded. Nothing was created or sent. Don't use this page, and tell your Keyside "
      + "administrator.");
    return;
  }
  const missing = [
    [typeof WebAssembly === "object", "WebAssembly"],
    [typeof Worker === "function", "Web Workers"],
    [typeof crypto === "object" && typeof crypto.getRandomValues === "function", "a random generator (crypto.getRandomValues)"],
  ].filter(([there]) => !there).map(([, name]) => name);
  if (missing.length > 0) {
    refuse(`Keyside creates keys inside this browser, but the browser has no ${missing.join(", no ")}, `
      + "or it is turned off here. Nothing was created or sent. Use a current Firefox, Chrome, Edge or "
      + "Safari, or ask the administrator of this browser to allow it.");
    return;
  }
  const files = JSON.parse(document.getElementById("key-worker-files").textContent);
  const workers = globalThis.keysideWorkers?.(files, document.baseURI);
  // Not loaded: guard.js reports the error.
  if (!workers) return;
  const { integrity } = WASM.dataset;
  const loading = [importChecked(), fetch(WASM.href, { integrity })];
  const [script, response] = await Promise.allSettled(loading);
  if (response.status === "rejected") {
    await globalThis.keysideGuard.refuseFile(WASM.href, true);
    return;
  }
  if (script.status === "rejected") return;
  try {
    await script.value.default({ module_or_path: response.value });
  } catch (error) {
    console.error("Keyside didn't start:", error);
    refuse("Keyside didn't start: this browser couldn't run its program. Nothing was created or sent. "
      + "Reload the page; if that doesn't help, use a current Firefox, Chrome, Edge or Safari.");
    return;
  }
  if (globalThis.keysideGuard.hasRefused()) return;
  script.value.start(document.getElementById("app"), workers.start);
  // Only a changed worker file is fatal: one that can't be loaded is retried, and the page reports errors
  // then.
  workers.program().catch((error) => {
    if (error.url) globalThis.keysideGuard.refuseFile(error.url, false);
  });
}

await startPage();
