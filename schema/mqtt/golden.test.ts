import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { bytesMax, decode, headerText, seal } from "./codec.ts";
import { GOLDEN_FILES, goldenText } from "./golden/emit.ts";
import { GoldenError } from "./golden/fault.ts";
import { GOLDEN_FORGED, GOLDEN_INVALID, GOLDEN_VALID } from "./golden/index.ts";
import { EventMessage } from "./messages/evt.ts";
import { MESSAGES } from "./messages/index.ts";

const MESSAGE_TYPES = z.keyof(z.object(MESSAGES)).options;
const encoder = new TextEncoder();

test("the golden files are what their program writes", () => {
  for (const [name, content] of Object.entries(GOLDEN_FILES)) {
    expect(readFileSync(join(import.meta.dirname, "golden", name), "utf8")).toBe(goldenText(content));
  }
});

test("every message type and every kind of event has a golden message", () => {
  const types = new Set(GOLDEN_VALID.map(({ type }) => type));
  expect([...types].toSorted()).toEqual(Object.keys(MESSAGES).toSorted());
  const events = new Set(GOLDEN_VALID.filter(({ type }) => type === "evt").map(({ name }) => name.split(" ")[1]));
  expect([...events].toSorted()).toEqual(EventMessage.options.map((kind) => kind.shape.kind.value).toSorted());
});

test.each(GOLDEN_VALID)("golden $name is read as its payload says, and sealed again byte for byte", (vector) => {
  const { type, compact, header, payload } = vector;
  const reading = decode(type, encoder.encode(compact));
  if (!reading.ok) throw new GoldenError(reading.fault);
  const { kid, message, signature, signingInput: input } = reading.decoded;
  expect(headerText(type, kid)).toBe(header);
  expect(message).toEqual(JSON.parse(payload));
  expect(new TextDecoder().decode(seal(input, signature))).toBe(compact);
  expect(compact.length).toBeLessThanOrEqual(bytesMax(type));
});

test.each(GOLDEN_VALID)("golden $name is refused as every other type", ({ type, compact }) => {
  for (const other of MESSAGE_TYPES.filter((candidate) => candidate !== type)) {
    expect(decode(other, encoder.encode(compact))).toEqual({ ok: false, fault: "WRONG_TYPE" });
  }
});

test.each(GOLDEN_INVALID)("golden $name is refused: $why", ({ type, bytes, fault }) => {
  expect(decode(type, bytes)).toEqual({ ok: false, fault });
});

test.each(GOLDEN_FORGED)("forged: $name is well formed, so that only the signature can tell", ({ type, text }) => {
  expect(decode(type, encoder.encode(text)).ok).toBe(true);
});

test("every golden name stands once", () => {
  const names = [...GOLDEN_VALID, ...GOLDEN_INVALID, ...GOLDEN_FORGED].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
