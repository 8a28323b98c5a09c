import { z } from "zod";
import { entryKind } from "../kind.ts";

/** A hub took up work. */
export const hubStarted = entryKind({
  kind: "hub.started",
  version: 1,
  effect: "neutral",
  data: z.strictObject({ version: z.string(), rulesVersion: z.int().min(1) }),
});
