import { expect, test } from "vitest";
import { handleError } from "../../hooks.client.ts";

type Caught = Parameters<typeof handleError>[0];
const EVENT: Caught["event"] = {
  ...{ params: {}, route: { id: "/(app)/locks" as const }, url: new URL("https://portner.invalid/locks") },
};
const CODE = "https://portner.invalid/_app/immutable/nodes/8.js";

const told = (error: unknown): unknown => handleError({ kind: "unknown", error, event: EVENT });

test.each([
  `Failed to fetch dynamically imported module: ${CODE}`,
  `error loading dynamically imported module: ${CODE}`,
  "Importing a module script failed.",
  "Unable to preload CSS for /_app/immutable/assets/8.css",
])("a page whose code did not come is not there for now: %s", (message) => {
  expect(told(new DOMException(message))).toEqual({ status: 503, code: "CODE_MISSING" });
});

test.each([new DOMException("x is not a function"), "Importing a module script failed.", undefined])(
  "anything else that is not known is a fault of ours: %s",
  (error) => {
    expect(told(error)).toEqual({ code: "INTERNAL" });
  },
);
