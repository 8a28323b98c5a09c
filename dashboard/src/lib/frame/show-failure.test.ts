import { expect, test } from "vitest";
import { localPath, signInPath } from "./show-failure.ts";

test.each([
  ["/locks?text=a", "/locks?text=a"],
  ["/locks/L1", "/locks/L1"],
  [null, "/"],
  ["", "/"],
  ["https://elsewhere.example/", "/"],
  ["//elsewhere.example/", "/"],
  ["/\\elsewhere.example", "/"],
  ["\\/elsewhere.example", "/"],
  ["/\t/elsewhere.example", "/"],
  ["javascript:alert(1)", "/"],
])("after signing in, %j leads to %s", (next, path) => {
  expect(localPath(next)).toBe(path);
});

test("the way back is kept through signing in", () => {
  expect(signInPath({ pathname: "/", search: "" })).toBe("/sign-in");
  const path = signInPath({ pathname: "/locks", search: "?text=åbo&x=1" });
  expect(localPath(new URL(path, "http://portner.invalid").searchParams.get("next"))).toBe("/locks?text=%C3%A5bo&x=1");
});
