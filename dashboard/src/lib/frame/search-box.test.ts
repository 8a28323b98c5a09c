import { expect, test } from "vitest";
import { asksForKeys } from "./search-box.svelte.ts";

const PRESS = { key: "?", ctrlKey: false, metaKey: false, altKey: false, isComposing: false };

test("a question mark asks for the keys where nothing is typed yet, and is typed where something is", () => {
  expect(asksForKeys(PRESS, "")).toBe(true);
  expect(asksForKeys(PRESS, "Åbovej")).toBe(false);
  expect(asksForKeys({ ...PRESS, key: "1" }, "")).toBe(false);
});

test.each(["ctrlKey", "metaKey", "altKey", "isComposing"])("a question mark with %s is something else", (held) => {
  expect(asksForKeys({ ...PRESS, [held]: true }, "")).toBe(false);
});
