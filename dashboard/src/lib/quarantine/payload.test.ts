import { expect, test } from "vitest";
import { payloadView } from "./payload.ts";

test("a message shows as text, and what isn't text as its bytes", () => {
  const bytes = Uint8Array.from([0x3c, 0x62, 0x3e, 0x00, 0xc3, 0x85, 0x5c, 0x0a]);
  const view = payloadView(btoa(String.fromCharCode(...bytes)));
  expect(view).toEqual({ text: "<b>\\x00\\xc3\\x85\\\\\\x0a", shownBytes: 8 });
  expect(payloadView("")).toEqual({ text: "", shownBytes: 0 });
  expect(payloadView("%%%")).toEqual({ text: "", shownBytes: 0 });
});
