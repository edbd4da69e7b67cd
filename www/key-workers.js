// Starts key workers. Each is one script without imports, served with a policy under which it
// reaches nothing; so its program is loaded, checked and compiled here, and handed to it.

// The files of the two kinds of worker, beside this one, and their hashes as the build put them here.
const FAST = {
  script: "key-worker-simd.js",
  scriptIntegrity: "integrity of key-worker-simd.js",
  program: "key-worker-simd_bg.wasm",
  programIntegrity: "integrity of key-worker-simd_bg.wasm",
};
const PORTABLE = {
  script: "key-worker.js",
  scriptIntegrity: "integrity of key-worker.js",
  program: "key-worker_bg.wasm",
  programIntegrity: "integrity of key-worker_bg.wasm",
};

// Relaxed SIMD: a function of one f64x2.relaxed_madd. A browser without it refuses a program with
// it as a whole.
const isFast = () => WebAssembly.validate(new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0,
  65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 135, 2, 11,
]));

let kind;
const workerFiles = () => (kind ??= isFast() ? FAST : PORTABLE);

const fileAddress = (name) => new URL(name, import.meta.url).href;

// Workers are made of this one address and no other text (Trusted Types, where there are any).
const workerPolicy = globalThis.trustedTypes?.createPolicy("keyside-worker", {
  createScriptURL: (url) => {
    if (url !== fileAddress(workerFiles().script)) throw new TypeError("not the key worker's script");
    return url;
  },
});

async function fetchChecked(name, integrity) {
  try {
    return await fetch(fileAddress(name), { integrity });
  } catch (error) {
    // Browsers do not tell a wrong hash from no answer.
    throw Object.assign(error, { url: fileAddress(name) });
  }
}

async function compileProgram() {
  const { script, scriptIntegrity, program, programIntegrity } = workerFiles();
  const [answer] = await Promise.all([
    fetchChecked(program, programIntegrity),
    fetchChecked(script, scriptIntegrity).then((text) => text.arrayBuffer()),
  ]);
  return WebAssembly.compile(await answer.arrayBuffer());
}

let compiled;

// The workers' program, checked, once for all workers; rejects with an error whose `url` is the
// file's that is missing or not as it was built.
export function keyWorkerProgram() {
  compiled ??= compileProgram().catch((error) => {
    // What failed for want of a network may be tried again.
    compiled = undefined;
    throw error;
  });
  return compiled;
}

// A new worker, which has its program as soon as that is there.
export function startKeyWorker() {
  const url = fileAddress(workerFiles().script);
  const worker = new Worker(workerPolicy?.createScriptURL(url) ?? url, { type: "module" });
  keyWorkerProgram().then(
    (module) => worker.postMessage(module),
    (error) => worker.dispatchEvent(new ErrorEvent("error", { error })),
  );
  return worker;
}
