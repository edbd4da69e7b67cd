// Loads the key worker's WebAssembly inside the worker.
import init from "./key-worker.js";

await init();
