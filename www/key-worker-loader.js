// Loads the key worker's WebAssembly inside the worker: the build with relaxed SIMD where the
// browser has it, else the portable one.

// A function of one f64x2.relaxed_madd.
const relaxedSimd = WebAssembly.validate(new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0,
  65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 135, 2, 11,
]));

async function load(name) {
  const { default: init } = await import(name);
  await init();
}

try {
  if (relaxedSimd) {
    // A page that was built without the fast worker still works.
    await load("./key-worker-simd.js").catch(() => load("./key-worker.js"));
  } else {
    await load("./key-worker.js");
  }
} catch (error) {
  // As an error of the worker, which the page hears; a rejection it does not hear.
  reportError(error);
}
