/** A phone's key pair. The secret half can't be read out, not even by this page: it only signs. */
export interface DeviceKey {
  /** 32 raw bytes in base64url. */
  readonly publicKey: string;
  readonly pair: CryptoKeyPair;
}

/** Makes a key pair that never leaves this browser. Rejects where the browser knows no Ed25519. */
export async function makeDeviceKey({ subtle }: Crypto): Promise<DeviceKey | undefined> {
  const pair = await subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
  if (!("privateKey" in pair)) return undefined;
  return { publicKey: base64url(await subtle.exportKey("raw", pair.publicKey)), pair };
}

/** `<claims>.<signature>`: the JSON of the claims in base64url, and Ed25519 over `<purpose>.<claims>`. */
async function signed(
  { subtle }: Crypto,
  { pair }: DeviceKey,
  { purpose, claims }: { readonly purpose: string; readonly claims: object },
): Promise<string> {
  const part = base64url(bytesOf(JSON.stringify(claims)));
  return `${part}.${base64url(await subtle.sign("Ed25519", pair.privateKey, bytesOf(`${purpose}.${part}`)))}`;
}

/** Proves one request: when (hub's time in milliseconds), with which token, and over which body. */
export async function requestProof(
  crypto: Crypto,
  key: DeviceKey,
  { token, body, hubMs }: { readonly token: string; readonly body: string; readonly hubMs: number },
): Promise<string> {
  const [ath, bd] = await Promise.all([digest(crypto, token), digest(crypto, body)]);
  return signed(crypto, key, { purpose: "proof", claims: { iat: Math.round(hubMs), ath, bd } });
}

/** Proves that a credential's device asks for a new session. */
export function renewalProof(
  crypto: Crypto,
  key: DeviceKey,
  { credentialId, hubMs }: { readonly credentialId: string; readonly hubMs: number },
): Promise<string> {
  return signed(crypto, key, { purpose: "renew", claims: { iat: Math.round(hubMs), cred: credentialId } });
}

async function digest({ subtle }: Crypto, text: string): Promise<string> {
  return base64url(await subtle.digest("SHA-256", bytesOf(text)));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function base64url(bytes: ArrayBuffer | Uint8Array): string {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCodePoint(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
