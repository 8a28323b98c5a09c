import { expect, test } from "vitest";
import { callerIn } from "./caller.ts";

test.each([
  ["#caller=4711", "4711"],
  ["#caller=%204711%20&x=1", "4711"],
  ["#caller=", undefined],
  ["#content", undefined],
  ["", undefined],
])("the fragment %o names the caller %o", (hash, caller) => {
  expect(callerIn(hash)).toBe(caller);
});
