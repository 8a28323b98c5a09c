import { z } from "zod";
import { entryKind, Key } from "../kind.ts";

/** Somebody signed in, or a phone took up its session; never against a block that came in between. */
export const sessionOpened = entryKind({
  kind: "session.opened",
  version: 1,
  effect: "allows",
  data: z.strictObject({ session: Key, form: z.enum(["dashboard", "phone"]) }),
});
