// Checked by `tsc --strict`: every call of the module compiles, and wrong calls are refused.
import init, {
  generate,
  readPublicKey,
  warm,
  type KeyIds,
  type KeyPair,
  type KeysideError,
  type Progress,
  type PublicKeyView,
} from "./keyside.js";

export async function use(signal: AbortSignal): Promise<number> {
  await init();
  warm();
  warm({ workers: 2 });
  const seen: Progress[] = [];
  const pair: KeyPair = await generate({
    bits: 4096,
    workers: 2,
    onProgress: (progress) => {
      const { primesFound, candidatesTested, likelihood, elapsedMs }: Record<keyof Progress, number> = progress;
      seen.push({ primesFound, candidatesTested, likelihood, elapsedMs });
    },
    signal,
  });
  const ids: KeyIds = { keyId: "publickey-a", serviceAccountId: "serviceaccount-b" };
  const privatePem: Uint8Array = await pair.privateKeyPem();
  const credentials: Uint8Array = await pair.credentials(ids);
  const jwt: string = await pair.signJwt({ ...ids, now: 1 });
  const publicKey: PublicKeyView = readPublicKey(pair.publicKeyPem());
  const texts: string[] = [pair.fingerprint, publicKey.fingerprint, publicKey.pem, jwt];
  const flags: boolean[] = [pair.fast, pair.crossChecked];
  const numbers: number[] = [pair.bits, pair.elapsedMs, publicKey.bits];
  pair.free();
  return privatePem.length + credentials.length + texts.length + flags.length + numbers.length;
}

export function explain(error: KeysideError): string {
  return error.code === "aborted" ? "" : error.message;
}

export function refused(pair: KeyPair): void {
  // @ts-expect-error RSA-1024 isn't available.
  void generate({ bits: 1024 });
  // @ts-expect-error The callback takes an object.
  void generate({ onProgress: (tested: number) => tested });
  // @ts-expect-error The bytes come with a promise.
  const pem: Uint8Array = pair.privateKeyPem();
  // @ts-expect-error Both IDs are required.
  void pair.credentials({ keyId: "publickey-a" });
  // @ts-expect-error Only text is read.
  readPublicKey(pem);
  // @ts-expect-error Not a code.
  const code: KeysideError["code"] = "nonsense";
  void code;
}
