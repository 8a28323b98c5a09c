import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { HUB_CHANNELS, LOCK_CHANNELS } from "../topics.ts";
import { CHANNEL_USES } from "./channels.ts";
import { asyncApiDocument } from "./document.ts";

const document = asyncApiDocument();

/** What a reference of the form `#/a/b` leads to, or undefined. */
function follow(reference: string): unknown {
  return reference
    .split("/")
    .slice(1)
    .reduce<unknown>((here, step) => z.record(z.string(), z.unknown()).safeParse(here).data?.[step], document);
}

test("the committed document is what the schemas give", () => {
  const committed: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "..", "asyncapi.json"), "utf8"));
  expect(committed).toEqual(JSON.parse(JSON.stringify(document)));
});

test("every reference leads somewhere", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to ?? "");
  expect(references.length).toBeGreaterThan(40);
  expect(references.filter((to) => follow(to) === undefined)).toEqual([]);
});

test("every channel is in it, and a lock sends what a lock may publish", () => {
  const sent = CHANNEL_USES.filter(({ action }) => action === "send").map(({ type }) => type);
  const received = CHANNEL_USES.filter(({ action }) => action === "receive").map(({ type }) => type);
  expect(sent.toSorted()).toEqual([...LOCK_CHANNELS].toSorted());
  expect(received.toSorted()).toEqual([...HUB_CHANNELS, "deny"].toSorted());
});

test("only configuration and denials are retained, and only telemetry may be lost", () => {
  expect(CHANNEL_USES.filter(({ retain }) => retain).map(({ type }) => type)).toEqual(["cfg", "deny"]);
  expect(CHANNEL_USES.filter(({ qos }) => qos === 0).map(({ type }) => type)).toEqual(["tel"]);
});
