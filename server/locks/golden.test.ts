import { createPrivateKey, type KeyObject } from "node:crypto";
import { decode, fromBase64url, toBase64url, type MessageType } from "@portner/schema/mqtt";
import { flattenedVerify } from "jose";
import { expect, test } from "vitest";
import { GOLDEN_FORGED, GOLDEN_KEYS, GOLDEN_VALID } from "../../schema/mqtt/golden/index.ts";
import { Signer } from "./signer.ts";
import { openMac, openSigned, publicKeyFrom } from "./verify.ts";

const encoder = new TextEncoder();

function publicKeyOf(holder: string): KeyObject {
  const key = GOLDEN_KEYS.ed25519.find((each) => each.holder === holder);
  return publicKeyFrom(fromBase64url(key?.publicKey ?? "") ?? new Uint8Array());
}

/** Whether the hub believes a message; what is signed with a key pair, a JOSE library must judge alike. */
async function verifies(type: MessageType, signer: string, compact: string): Promise<boolean> {
  const payload = encoder.encode(compact);
  const result = decode(type, payload);
  if (!result.ok) return false;
  const { kid, signature, signingInput } = result.decoded;
  if (type === "tel" || type === "gone") {
    const secret = fromBase64url(GOLDEN_KEYS.hmacSha256[0]?.secret ?? "") ?? new Uint8Array();
    return typeof openMac(type, payload, { unitId: kid, telemetryKey: secret }) !== "string";
  }
  const isBelieved = typeof openSigned(type, payload, { unitId: kid, unitKey: publicKeyOf(signer) }) !== "string";
  const [header = "", body = ""] = signingInput.split(".");
  const jws = { protected: header, payload: body, signature: toBase64url(signature) };
  const isBelievedByJose = await flattenedVerify(jws, publicKeyOf(signer), { algorithms: ["EdDSA"] }).then(
    () => true,
    () => false,
  );
  expect(isBelieved).toBe(isBelievedByJose);
  return isBelieved;
}

test.each(GOLDEN_VALID.map((golden) => [golden.name, golden] as const))(
  "the hub believes the golden message: %s",
  async (_, golden) => {
    expect(await verifies(golden.type, golden.signer, golden.compact)).toBe(true);
  },
);

test.each(GOLDEN_FORGED.map((golden) => [golden.name, golden] as const))(
  "the hub does not believe the forged message: %s",
  async (_, golden) => {
    expect(await verifies(golden.type, golden.signer, golden.text)).toBe(false);
  },
);

async function signAnew<Type extends "cmd" | "ack" | "ans" | "cfg" | "deny">(type: Type): Promise<number> {
  const own = GOLDEN_VALID.filter((each) => each.type === type);
  for (const golden of own) {
    const holder = GOLDEN_KEYS.ed25519.find((each) => each.holder === golden.signer);
    const jwk = { kty: "OKP", crv: "Ed25519", d: holder?.seed ?? "", x: holder?.publicKey ?? "" };
    const key = createPrivateKey({ key: jwk, format: "jwk" });
    const signer = new Signer(() => ({ kid: holder?.kid ?? "", key }));
    const original = decode(type, encoder.encode(golden.compact));
    expect(original.ok).toBe(true);
    if (!original.ok) continue;
    const compact = new TextDecoder().decode(signer.sign(1, type, original.decoded.message));
    expect(compact.split(".")[0]).toBe(golden.compact.split(".")[0]);
    expect(decode(type, encoder.encode(compact))).toMatchObject({ decoded: { message: original.decoded.message } });
    expect(await verifies(type, golden.signer, compact)).toBe(true);
  }
  return own.length;
}

test.each(["cmd", "ack", "ans", "cfg", "deny"] as const)(
  "what the hub signs itself has the golden header, the same meaning, and is believed: %s",
  async (type) => {
    expect(await signAnew(type)).toBeGreaterThan(0);
  },
);
