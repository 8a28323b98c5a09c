import { readFile } from "node:fs/promises";
import {
  importWorld,
  type Ending,
  type ImportFailure,
  type ImportOptions,
  type ImportReport,
} from "../integrations/index.ts";
import { PortnerError } from "../kernel/errors.ts";
import { createSealing } from "../kernel/sealing.ts";
import type { Operator } from "./operator.ts";

/** A world file's text. */
export interface WorldText {
  readonly text: string;
  /** The file's name in what is said of it. */
  readonly name: string;
  /** The hub's own key, which a new tenant's keys are sealed with. */
  readonly sealingKey: Uint8Array;
}

/** Imports a world file's text with the operator's means, and throws what is wrong with it as one text. */
export async function importText(
  operator: Operator,
  { text, name, sealingKey }: WorldText,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const sealing = createSealing(sealingKey, operator.random);
  const done = await importWorld({ ...operator, sealing }, text, options);
  if (done.ok) return done.value;
  throw refused(done.failure, name);
}

/** Endings as an operator reads them: `employees 300 of 310`. */
export function endingTexts(endings: readonly Ending[]): readonly string[] {
  return endings.map(({ kind, ended, stood }) => `${kind} ${ended} of ${stood}`);
}

function refused(failure: ImportFailure, name: string): PortnerError {
  if (failure.code === "IMPORT_RUNNING") {
    return new PortnerError(failure.code, "another import into this tenant is running; try again when it has ended");
  }
  if (failure.code === "ENDS_MANY") {
    const lines = endingTexts(failure.endings).map((text) => `  ${text}\n`);
    const first = "nothing was imported: the file is taken as the whole truth, and would end of what stands now\n";
    return new PortnerError(failure.code, `${first}${lines.join("")}if that is meant, import it with --end-many`);
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
