// Starts the module's key workers, whose files are in the same folder.
import "./worker-loader.js";
import files from "./key-worker-files.js";

let workers;

export function startKeyWorker() {
  workers ??= globalThis.keysideWorkers(files, import.meta.url);
  return workers.start();
}
