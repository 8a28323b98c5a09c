import { createSign, generateKeyPairSync } from "node:crypto";

/** A certificate that signs itself, and its key, as PEM. */
export type TestCertificate = { readonly cert: string; readonly key: string };

const DAY_MS = 86_400_000;

const TAG = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, text: 0x0c, time: 0x17, sequence: 0x30, set: 0x31 };
const TAG_DNS_NAME = 0x82;
const TAG_VERSION = 0xa0;
const TAG_EXTENSIONS = 0xa3;

/** Object identifiers, already encoded. */
const OID = { ecdsaWithSha256: "2a8648ce3d040302", commonName: "550403", subjectAltName: "551d11" };

/** One DER value. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function oid(hex: string): Buffer {
  return der(TAG.oid, Buffer.from(hex, "hex"));
}

function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(TAG.time, Buffer.from(`${digits}Z`));
}

/** Makes a certificate for one host name, good from yesterday until tomorrow; tests need no openssl for it. */
export function testCertificate(hostName: string, now: number): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(TAG.sequence, oid(OID.ecdsaWithSha256));
  const commonName = der(TAG.sequence, oid(OID.commonName), der(TAG.text, Buffer.from(hostName)));
  const name = der(TAG.sequence, der(TAG.set, commonName));
  const hosts = der(TAG.sequence, der(TAG_DNS_NAME, Buffer.from(hostName)));
  const extension = der(TAG.sequence, oid(OID.subjectAltName), der(TAG.octets, hosts));
  const body = der(
    TAG.sequence,
    der(TAG_VERSION, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, Buffer.from([1])),
    algorithm,
    name,
    der(TAG.sequence, time(now - DAY_MS), time(now + DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(TAG_EXTENSIONS, der(TAG.sequence, extension)),
  );
  const signature = createSign("sha256").update(body).sign(privateKey);
  const certificate = der(TAG.sequence, body, algorithm, der(TAG.bits, Buffer.from([0]), signature));
  const base64 = certificate.toString("base64").replace(/.{1,64}/g, "$&\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
