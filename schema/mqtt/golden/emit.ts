import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toBase64url } from "../base64url.ts";
import { claimProofText } from "../claim.ts";
import { headerText } from "../codec.ts";
import { askProofText } from "../messages/ask.ts";
import { denyDigestText } from "../messages/deny.ts";
import type { MessageType } from "../messages/index.ts";
import { permitProofText } from "../messages/permit.ts";
import { forgedVectors } from "./emit-forged.ts";
import { compact, keysFile, prove, publicText } from "./emit-keys.ts";
import { EXAMPLE_CONFIG, EXAMPLE_IDS, EXAMPLE_INSTANT, EXAMPLE_PERMIT, EXAMPLES, type Example } from "./examples.ts";
import { GoldenError } from "./fault.ts";
import { headerFaults } from "./header-faults.ts";
import { KEY_IDS, SIGNERS } from "./keys.ts";
import { payloadFaults } from "./payload-faults.ts";
import { wireFaults } from "./wire-faults.ts";

const { tenant, unit, challenge, credential, permit } = EXAMPLE_IDS;
const askProof = askProofText(unit, challenge);
const permitProof = permitProofText(unit, challenge, permit);
const claimProof = claimProofText({
  ...{ serial: "F3-000417", claim: "one time, only", model: "Fæste 3", firmware: "1.0.0" },
  ...{ publicKey: publicText("unit"), nonce: challenge },
});

/** The examples whose content needs a key or a signature. */
function keyedExamples(): Example[] {
  const common = { v: 1, unit, boot: 7, at: EXAMPLE_INSTANT, challenge } as const;
  const proof = toBase64url(prove("smartkey", askProof));
  const { bundles, paths, messageVersions, ...config } = EXAMPLE_CONFIG;
  const keys = (["command", "permit"] as const).map((purpose) => {
    return { kid: KEY_IDS[purpose], purpose, key: publicText(purpose) };
  });
  const lists = { bundles: [...bundles], paths: [...paths], keys, messageVersions: [...messageVersions] };
  const grants = [...EXAMPLE_PERMIT.grants];
  return [
    {
      name: "ask credential",
      type: "ask",
      message: { ...common, kind: "credential", cred: credential, gen: 3, proof },
    },
    { name: "cfg", type: "cfg", message: { ...config, ...lists } },
    { name: "permit", type: "permit", message: { ...EXAMPLE_PERMIT, grants, cnf: publicText("smartkey") } },
  ];
}

const examples = [...EXAMPLES, ...keyedExamples()];
const valid = examples.map(({ name, type, message }) => {
  const signer = SIGNERS[type];
  const header = headerText(type, KEY_IDS[signer]);
  const payload = JSON.stringify(message);
  return { name, type, signer, header, payload, compact: compact(header, payload, signer) };
});

function validOf(type: MessageType): (typeof valid)[number] {
  const found = valid.find((vector) => vector.type === type);
  if (found === undefined) throw new GoldenError(`no example of \`${type}\``);
  return found;
}

function invalidVectors(): object[] {
  const sources = {
    payload: (type: MessageType) => validOf(type).payload,
    kid: (type: MessageType) => KEY_IDS[SIGNERS[type]],
  };
  return [...payloadFaults(sources), ...headerFaults(sources), ...wireFaults()].map((fault) => {
    const { name, type, why } = fault;
    const wire =
      "wire" in fault ? fault.wire(validOf(type).compact) : compact(fault.header, fault.payload, SIGNERS[type]);
    const text = typeof wire === "string" ? { text: wire } : { base64url: toBase64url(wire) };
    return { name, type, fault: fault.fault, why, ...text };
  });
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("base64url");
const entries = [
  { cred: "ffffffff-cred", gen: 1, until: 2 },
  { cred: credential, gen: 2, until: EXAMPLE_INSTANT },
  { cred: "00000000-cred", gen: 2_147_483_647, until: 4_102_444_800_000 },
];

/** Every golden file by its name. */
export const GOLDEN_FILES: Readonly<Record<string, object>> = {
  "keys.json": keysFile(tenant),
  "valid.json": valid,
  "invalid.json": invalidVectors(),
  "forged.json": forgedVectors(validOf),
  "proofs.json": {
    signatures: [
      ...[askProof, permitProof].map((text) => ({ text, signer: "smartkey" as const })),
      { text: claimProof, signer: "unit" as const },
    ].map((proof) => ({ ...proof, signature: toBase64url(prove(proof.signer, proof.text)) })),
    denyDigests: [[], entries].map((list) => {
      const text = denyDigestText(list);
      return { entries: list, text, digest: digestOf(text) };
    }),
    configDigest: { compact: validOf("cfg").compact, digest: digestOf(validOf("cfg").compact) },
  },
};

/** The text of a golden file. */
export function goldenText(content: object): string {
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

if (import.meta.main) {
  for (const [name, content] of Object.entries(GOLDEN_FILES)) {
    writeFileSync(join(import.meta.dirname, name), goldenText(content));
  }
}
