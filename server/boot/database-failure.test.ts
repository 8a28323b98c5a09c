import { expect, test } from "vitest";
import { PortnerError } from "../kernel/errors.ts";
import { systemRandom } from "../kernel/random.ts";
import { createSealing } from "../kernel/sealing.ts";
import { explained } from "./database-failure.ts";

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

test("another hub's key is named by its variable", () => {
  const [made, given] = [1, 2].map(() => createSealing(systemRandom.bytes(32), systemRandom));
  const sealed = made?.seal(systemRandom.bytes(32), "here") ?? new Uint8Array();
  expect(explained(thrownBy(() => given?.open(sealed, "here")))).toMatchObject({
    code: "SEAL_BROKEN",
    message: "PORTNER_KEY is not the key that this database was made with",
  });
});

test("what is named already stays as it is", () => {
  const named = new PortnerError("NO_TENANT", "there is no tenant yet");
  expect(explained(named)).toBe(named);
});
