import * as fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { bytesMax, decode, seal, signingInput, ALGORITHMS } from "./codec.ts";
import { DENY_ENTRIES_MAX } from "./limits.ts";
import { MESSAGES, type MessageType } from "./messages/index.ts";

/** JSON Schema as zod writes it for the messages. */
type Shape = z.core.JSONSchema._JSONSchema;

function anyText(pattern: string): fc.Arbitrary<string> {
  return fc.stringMatching(new RegExp(pattern));
}

function anyObject({ properties, required, propertyNames, additionalProperties }: z.core.JSONSchema.BaseSchema) {
  if (properties === undefined) {
    const names = typeof propertyNames === "object" ? (propertyNames.enum ?? []) : [];
    const name = fc.constantFrom(...names).map(String);
    return fc.dictionary(name, anyOf(additionalProperties ?? false), { maxKeys: 20 });
  }
  const fields = Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, anyOf(field)]));
  return fc.record(fields, { requiredKeys: [...(required ?? [])], noNullPrototype: true });
}

function anyArray({ items, minItems, maxItems }: z.core.JSONSchema.BaseSchema): fc.Arbitrary<unknown> {
  const item = anyOf(Array.isArray(items) ? false : (items ?? false));
  return fc.array(item, { minLength: minItems ?? 0, maxLength: maxItems ?? 3 });
}

/** Any value of a JSON Schema as zod writes it for the messages. */
function anyOf(shape: Shape): fc.Arbitrary<unknown> {
  if (typeof shape === "boolean") return fc.constant(null);
  const options = shape.anyOf ?? shape.oneOf;
  if (options !== undefined) return fc.oneof(...options.map((option) => anyOf(option)));
  if (shape.const !== undefined) return fc.constant(shape.const);
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  switch (shape.type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: shape.minimum ?? 0, max: shape.maximum ?? Number.MAX_SAFE_INTEGER });
    case "string":
      return anyText(shape.pattern ?? "^x$");
    case "array":
      return anyArray(shape);
    default:
      return anyObject(shape);
  }
}

const TYPES = z.keyof(z.object(MESSAGES)).options;
const messages = new Map(TYPES.map((type) => [type, anyOf(z.toJSONSchema(MESSAGES[type]))]));
const kids = fc.stringMatching(/^[a-z0-9-]{8,36}$/);

/** Sealed bytes of any message of any type, signed with nonsense: the codec does no cryptography. */
const sealed = fc.constantFrom(...TYPES).chain((type) => {
  const length = ALGORITHMS[type] === "EdDSA" ? 64 : 32;
  const signature = fc.uint8Array({ minLength: length, maxLength: length });
  return fc.record({ type: fc.constant(type), kid: kids, value: messages.get(type) ?? fc.constant(null), signature });
});

function encode(type: MessageType, kid: string, value: unknown): string {
  return signingInput(type, kid, MESSAGES[type].parse(value));
}

test("what is encoded is decoded the same", () => {
  fc.assert(
    fc.property(sealed, ({ type, kid, value, signature }) => {
      const input = encode(type, kid, value);
      const reading = decode(type, seal(input, signature));
      expect(reading).toEqual({ ok: true, decoded: { kid, message: value, signingInput: input, signature } });
    }),
    { numRuns: 2_000, verbose: 1 },
  );
});

test("one bit altered is refused, or shows in what was signed or in the signature", () => {
  fc.assert(
    fc.property(sealed, fc.array(fc.nat(), { minLength: 50, maxLength: 50 }), (message, chosen) => {
      const { type, kid, value, signature } = message;
      const input = encode(type, kid, value);
      const bytes = seal(input, signature);
      for (const bit of chosen.map((number) => number % (bytes.length * 8))) {
        const altered = Uint8Array.from(bytes, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        const reading = decode(type, altered);
        const isSame =
          reading.ok &&
          reading.decoded.signingInput === input &&
          toBase64url(reading.decoded.signature) === toBase64url(signature);
        expect(isSame).toBe(false);
      }
    }),
    { numRuns: 400, verbose: 1 },
  );
});

test("no bytes at all make the reader throw", () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.string({ unit: fc.constantFrom(..."eyJ.AZ-_="), maxLength: 300 }).map((text) => new TextEncoder().encode(text)),
    fc.json().map((text) => seal(`${toBase64url(new TextEncoder().encode(text))}.e30`, new Uint8Array(64))),
  );
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), noise, (type, bytes) => {
      expect(decode(type, bytes).ok).toBe(false);
    }),
    { numRuns: 3_000, verbose: 1 },
  );
});

test("the largest message of each type that its schema allows fits its size", () => {
  const id = "f".repeat(36);
  const instant = 4_102_444_800_000;
  const key = "A".repeat(43);
  const generation = 2_147_483_647;
  const revision = Number.MAX_SAFE_INTEGER;
  const many = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);
  const cfg = {
    ...{ v: 1, tenant: id, lock: id, unit: id, version: revision, iat: instant },
    bundles: many(16, id),
    paths: many(24, id),
    keys: many(6, { kid: id, purpose: "command", key }),
    ...{ messageVersions: many(4, 255), heartbeatMs: 3_600_000, jitterMs: 60_000 },
    ...{ relockAfterCloseMs: 600_000, relockUnusedMs: 600_000 },
  };
  const entries = many(DENY_ENTRIES_MAX, { cred: id, gen: generation, until: instant });
  const deny = { v: 1, tenant: id, version: revision, iat: instant, entries };
  const grants = many(24, { bundle: id, from: instant, to: instant });
  const permit = { v: 1, id, tenant: id, cred: id, gen: generation, cnf: key, grants, iat: instant, exp: instant };
  const largest: [MessageType, unknown][] = [
    ["cfg", cfg],
    ["deny", deny],
    ["permit", permit],
  ];
  for (const [type, value] of largest) {
    const bytes = seal(encode(type, id, value), new Uint8Array(64));
    expect(bytes.length).toBeLessThanOrEqual(bytesMax(type));
  }
});

test("base64url has one spelling for each byte string, and reads no other", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = toBase64url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      expect(fromBase64url(text)).toEqual(bytes);
    }),
    { numRuns: 2_000, verbose: 1 },
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ABgwQ_-xyz09+/= \n"), maxLength: 12 }), (text) => {
      const bytes = fromBase64url(text);
      expect(bytes === undefined || toBase64url(bytes) === text).toBe(true);
    }),
    { numRuns: 5_000, verbose: 1 },
  );
});
