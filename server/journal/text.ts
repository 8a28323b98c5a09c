import { createHash } from "node:crypto";
import type { TextReference } from "@portner/schema/journal";
import { newId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";

const SALT_BYTES = 16;

/** A free text set apart: the reference for the entry, and the row for the erasable table. */
export interface TextApart {
  readonly reference: TextReference;
  readonly row: { readonly id: string; readonly tenant: number; readonly salt: string; readonly body: string };
}

/** Sets a text apart. The salted digest proves the text while it stands and tells nothing once it is erased. */
export function setApart(random: Random, tenant: number, body: string): TextApart {
  const id = newId(random);
  const salt = Buffer.from(random.bytes(SALT_BYTES));
  const digest = createHash("sha256").update(salt).update(body, "utf8").digest("hex");
  return { reference: { id, digest }, row: { id, tenant, salt: salt.toString("hex"), body } };
}
