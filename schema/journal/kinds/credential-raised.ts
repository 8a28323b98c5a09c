import { z } from "zod";
import { Generation } from "../../mqtt/identifier.ts";
import { entryKind, Key } from "../kind.ts";

/** A credential's generation rose, so that locks that deny the old one accept it again. */
export const credentialRaised = entryKind({
  kind: "credential.raised",
  version: 1,
  effect: "allows",
  data: z.strictObject({ credential: Key, generation: Generation }),
});
