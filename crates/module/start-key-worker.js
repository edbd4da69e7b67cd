// Starts the module's key workers, whose files are beside this one.
import "./worker-loader.js";
import files from "./key-worker-files.js";

let workers;

export function startKeyWorker() {
  workers ??= globalThis.keysideWorkers(files, import.meta.url);
  return workers.start();
}
