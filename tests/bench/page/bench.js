// The benchmark's measurements in the browser. Every function returns milliseconds of wall time.
import init, { generate, warm } from "./keyside.js";
import initStages, { Stages } from "./stages.js";
import initPortable, { Stages as PortableStages } from "./stages-portable.js";

await init();
await initStages();
await initPortable();

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// From the request to a checked pair, by workers that are already running, as on the page.
async function ours(bits, workers) {
  warm({ workers });
  await pause(1000);
  let candidates = 0;
  const start = performance.now();
  const pair = await generate({
    bits,
    workers,
    onProgress: (progress) => { candidates = progress.candidatesTested; },
  });
  const ms = performance.now() - start;
  const { fast, crossChecked } = pair;
  pair.free();
  return { ms, candidates, fast, crossChecked };
}

// The browser's own implementation with the same result: a pair in PKCS#8 and SPKI.
async function subtle(bits) {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: bits,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const start = performance.now();
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  await crypto.subtle.exportKey("spki", pair.publicKey);
  return { ms: performance.now() - start };
}

// node-forge's own arithmetic, instead of the browser's implementation that it prefers.
async function nodeForge(bits) {
  forge.options.usePureJavaScript = true;
  const start = performance.now();
  await new Promise((resolve, reject) => {
    forge.pki.rsa.generateKeyPair({ bits, workers: -1, workerScript: "prime.worker.min.js" },
      (error, pair) => (error ? reject(error) : resolve(pair)));
  });
  return { ms: performance.now() - start };
}

// A base-2 test takes as many squarings modulo n as n has bits; with BigInt, one is x * x % n.
function bigIntTest(hex) {
  const n = BigInt(`0x${hex}`);
  let x = 3n ** 500n % n;
  const start = performance.now();
  for (let at = 0; at < 2048; at += 1) x = x * x % n;
  const ms = performance.now() - start;
  if (x === 0n) throw new Error("a modulus of no use");
  return ms;
}

// The stages of a search from fixed starts, which excludes chance; the base-2 tests, of two candidates at a
// time, and BigInt's squarings take turns.
function stages(start, candidates, rounds) {
  const run = new Stages(start, candidates);
  const portable = new PortableStages(start, candidates);
  portable.sieve();
  const timed = (f) => {
    const begin = performance.now();
    const result = f();
    return [performance.now() - begin, result];
  };
  const sieve = [];
  const filter = [];
  const plain = [];
  const library = [];
  const bigInt = [];
  const accept = [];
  let dropped = 0;
  let accepted = true;
  for (let round = 0; round < rounds; round += 1) {
    sieve.push(timed(() => run.sieve())[0]);
    for (let at = 0; at + 1 < run.length(); at += 2) {
      const [ms, composites] = timed(() => run.filter(at));
      filter.push(ms / 2);
      if (round === 0) dropped += composites;
      if (at % 8 === 2 * (round % 4)) {
        bigInt.push(bigIntTest(run.hex(at)));
        plain.push(timed(() => portable.filter(at))[0] / 2);
        library.push(timed(() => run.library(at))[0] / 2);
      }
    }
    const [ms, prime] = timed(() => run.accept(run.length() - 1));
    accept.push(ms);
    accepted &&= prime;
  }
  const count = run.length();
  return { sieve, filter, plain, library, bigInt, accept, accepted, count, dropped, prime: run.hex(count - 1) };
}

// Builds the pair from two primes and runs all checks except WebCrypto's.
function assemble(...primes) {
  const [p, q] = primes.map((hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16)));
  const begin = performance.now();
  const made = Stages.assemble(p, q);
  return { ms: performance.now() - begin, made };
}

window.bench = { ours, subtle, nodeForge, stages, assemble };
document.body.id = "ready";
