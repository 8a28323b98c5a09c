import { readFile } from "node:fs/promises";
import { importWorld, type ImportFailure, type ImportReport } from "../integrations/index.ts";
import { PortnerError } from "../kernel/errors.ts";
import { createSealing } from "../kernel/sealing.ts";
import type { Operator } from "./operator.ts";

/** Imports a world file's text with the operator's means, and throws what is wrong with it as one text. */
export async function importText(
  operator: Operator,
  { text, name, sealingKey }: { readonly text: string; readonly name: string; readonly sealingKey: Uint8Array },
  options: { readonly dryRun?: boolean | undefined; readonly demo?: boolean | undefined } = {},
): Promise<ImportReport> {
  const sealing = createSealing(sealingKey, operator.random);
  const done = await importWorld({ ...operator, sealing }, text, options);
  if (done.ok) return done.value;
  throw refused(done.failure, name);
}

function refused(failure: ImportFailure, name: string): PortnerError {
  if (failure.code === "IMPORT_RUNNING") {
    return new PortnerError(failure.code, "another import into this tenant is running; try again when it has ended");
  }
  const lines = failure.faults.map(({ line, path, message, code }) => `${name}:${line}: ${path} ${message} (${code})`);
  const hidden = failure.total - failure.faults.length;
  const more = hidden > 0 ? [`and ${hidden} more`] : [];
  return new PortnerError(failure.code, `nothing was imported\n${[...lines, ...more].join("\n")}\n`);
}

/** Reads a world file. Throws FILE_UNREADABLE. */
export async function readWorldFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new PortnerError("FILE_UNREADABLE", `\`${file}\` can't be read: ${code}`, { cause });
  }
}
