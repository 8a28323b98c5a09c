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

/** Reports every second use of a value that must be unique in its list. `secret` values are not quoted. */
export function checkUnique<Value>(
  check: { readonly list: WorldList; readonly field: string; readonly secret?: boolean; readonly report: Report },
  entries: readonly Entry<Value>[],
  read: (value: Value) => string,
): void {
  const first = new Map<string, number>();
  for (const { index, value } of entries) {
    const key = read(value);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, index);
    else {
      const quoted = check.secret === true ? "the same value" : `\`${key}\``;
      const message = `${quoted} stands in ${check.list}[${earlier}] already`;
      check.report({ path: [check.list, index, check.field], code: "DOUBLED", message });
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
