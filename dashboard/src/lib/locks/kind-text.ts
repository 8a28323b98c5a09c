import { m } from "#messages";

/** What kind of door a lock is on, in a list: gate, stairwell, home. */
export function kindText(kind: string): string {
  switch (kind) {
    case "gate":
      return m.locks_kind_gate();
    case "stairwell":
      return m.locks_kind_stairwell();
    case "flat":
      return m.locks_kind_flat();
    default:
      return kind;
  }
}
