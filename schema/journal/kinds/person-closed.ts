import { z } from "zod";
import { entryKind, Key } from "../kind.ts";

/** A person left: every credential stops and every session ends with it. */
export const personClosed = entryKind({
  kind: "person.closed",
  version: 1,
  effect: "revokes",
  data: z.strictObject({ person: Key }),
});
