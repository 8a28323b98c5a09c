import type { z } from "zod";
import type { WorldFaultCode } from "./fault.ts";
import type { WorldList } from "./world.ts";

/** An entry that is well formed by itself, with its place in its list. */
export interface Entry<Value> {
  readonly index: number;
  readonly value: Value;
}

/** A fault before its line is known. */
export interface PlacedFault {
  readonly path: readonly (string | number)[];
  readonly code: WorldFaultCode;
  readonly message: string;
}

/** Takes a fault. */
export type Report = (fault: PlacedFault) => void;

/** The well-formed entries of a list; the others are reported by whoever reads the whole file. */
export function soundEntries<Value>(schema: z.ZodType<Value>, items: readonly unknown[]): Entry<Value>[] {
  return items.flatMap((item, index) => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [{ index, value: parsed.data }] : [];
  });
}

/** A field that no two entries of a list may share. */
interface UniqueField<Value> {
  readonly field: string;
  /** Its values are not quoted. */
  readonly isSecret?: boolean;
  readonly read: (value: Value) => string;
}

/**
 * Reports every second use of values that must be unique in their list. Of two entries that share several, only the
 * first field is told: one is the other once more.
 */
export function checkUnique<Value>(
  check: { readonly list: WorldList; readonly report: Report },
  entries: readonly Entry<Value>[],
  fields: readonly UniqueField<Value>[],
): void {
  const told = new Set<string>();
  for (const { field, isSecret = false, read } of fields) {
    const first = new Map<string, number>();
    for (const { index, value } of entries) {
      const key = read(value);
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, index);
      if (earlier === undefined || told.has(`${earlier} ${index}`)) continue;
      told.add(`${earlier} ${index}`);
      const message = `${isSecret ? "the same value" : `\`${key}\``} stands in ${check.list}[${earlier}] already`;
      check.report({ path: [check.list, index, field], code: "DOUBLED", message });
    }
  }
}

/** Reports a reference to an external id that its list does not have. */
export function checkReference(
  check: { readonly target: WorldList; readonly known: ReadonlySet<string>; readonly report: Report },
  path: readonly (string | number)[],
  reference: string | undefined,
): void {
  if (reference === undefined || check.known.has(reference)) return;
  const message = `\`${reference}\` is not in ${check.target}`;
  check.report({ path, code: "UNKNOWN_REFERENCE", message });
}
