// Starts key workers. A key worker's policy allows no network access, so its program is loaded, checked
// against its integrity hash and compiled here, then sent to it.
//
// A classic script, so that its own integrity hash covers all of it. `keysideWorkers(files, base)`
// returns `{ program, start }`. `files` is the output of `cargo xtask key-workers`: for each kind of worker
// the names of its script and program, relative to `base`, and their integrity hashes.
"use strict";

globalThis.keysideWorkers = (files, base) => {
  // Tests for relaxed SIMD with a single f64x2.relaxed_madd; browsers without it reject a program that
  // uses it.
  const isFast = WebAssembly.validate(new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0,
    65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 135, 2, 11,
  ]));
  const worker = isFast ? files.fast : files.portable;
  const address = (name) => new URL(name, base).href;
  const scriptAddress = address(worker.script);

  // With Trusted Types, workers can be created only from this address.
  const policy = globalThis.trustedTypes?.createPolicy("keyside-worker", {
    createScriptURL: (url) => {
      if (url !== scriptAddress) throw new TypeError("not the key worker's script");
      return url;
    },
  });

  const fetchChecked = async (name, integrity) => {
    try {
      return await fetch(address(name), { integrity });
    } catch (error) {
      // Browsers report a wrong hash and a failed load alike; the code that handles the error finds out
      // which it is.
      throw Object.assign(error, { url: address(name) });
    }
  };

  const compile = async () => {
    const [program] = await Promise.all([
      fetchChecked(worker.program, worker.programIntegrity),
      fetchChecked(worker.script, worker.scriptIntegrity).then((script) => script.arrayBuffer()),
    ]);
    return WebAssembly.compile(await program.arrayBuffer());
  };

  let compiled;

  // The compiled program, once for all workers. Rejects with an error whose `url` names the file that
  // is missing or changed; the next call tries again.
  const program = () => {
    compiled ??= compile().catch((error) => {
      compiled = undefined;
      throw error;
    });
    return compiled;
  };

  // Starts a worker, and sends it the program once that is compiled.
  const start = () => {
    const worker = new Worker(policy?.createScriptURL(scriptAddress) ?? scriptAddress);
    program().then(
      (module) => worker.postMessage(module),
      (error) => worker.dispatchEvent(new ErrorEvent("error", { error })),
    );
    return worker;
  };

  return { program, start };
};
