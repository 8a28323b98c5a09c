import type { Revision } from "./revision.ts";
import type { Basis } from "./basis.ts";
import type { DenialReason } from "./denial.ts";

/** The version of the rules that decisions follow; an entry names the one it was decided by. */
export const RULES_VERSION = 1;

/** An answer to "may this credential open this lock?", and the place in the journal that it was true at. */
export type Decision =
  | { readonly outcome: "allow"; readonly basis: Basis; readonly revision: Revision }
  | {
      readonly outcome: "deny";
      readonly reasons: readonly [DenialReason, ...DenialReason[]];
      readonly revision: Revision;
    };
