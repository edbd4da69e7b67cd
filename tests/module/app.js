// How a page without Yew or a bundler uses the module.
import init, * as keyside from "./keyside.js";

await init();
const at = (id) => document.getElementById(id);

at("make").onclick = async () => {
  const pair = await keyside.generate({
    bits: 2048,
    onProgress: ({ candidatesTested }) => { at("progress").textContent = candidatesTested; },
  });
  at("public").textContent = pair.publicKeyPem();
  at("fingerprint").textContent = pair.fingerprint;
  window.pair = pair;
};

// For the tests.
window.keyside = keyside;
document.body.id = "ready";
