import { z } from "zod";
import { entryKind, Key, TextReference } from "../kind.ts";

/** A citizen's data was looked up, with its purpose. */
export const citizenConsulted = entryKind({
  kind: "citizen.consulted",
  version: 1,
  effect: "neutral",
  data: z.strictObject({ citizens: z.array(Key).max(200), purpose: TextReference }),
});
