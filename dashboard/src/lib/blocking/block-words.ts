import { m } from "#messages";
import { isOutcomeUnknown, type GraphqlFailure } from "../graphql/failure.ts";
import type { RefusedAct } from "./blocking.svelte.ts";
import type { ResidualPlace } from "./residual-places.svelte.ts";

const REFUSALS: Readonly<Record<string, () => string>> = {
  RATE_LIMITED: m.ui_rate_limited,
  NOT_FOUND: m.block_refused_not_found,
  NEEDS_SECOND_PERSON: m.block_refused_second_person,
  ALREADY_LIFTED: m.block_refused_already_lifted,
  OVERTAKEN: m.block_refused_overtaken,
  REASON_MISSING: m.block_refused_reason,
  REASON_TOO_LONG: m.block_refused_reason,
};

/** Why a block was not placed or not lifted. */
export function refusedText({ act, code }: RefusedAct): string {
  const isBlock = act === "block";
  if (code === "FORBIDDEN") return isBlock ? m.block_refused_forbidden() : m.block_unblock_forbidden();
  if (code === "JOURNAL_UNAVAILABLE") return isBlock ? m.block_refused_unavailable() : m.block_unblock_unavailable();
  if (isOutcomeUnknown(code)) return m.block_refused_unreachable();
  return REFUSALS[code]?.() ?? m.block_refused({ code });
}

/** Why it is not known what stands on a device. Nothing is said of the block itself: it holds, seen from here or not. */
export function unseenText({ kind }: Pick<GraphqlFailure, "kind">): string {
  return kind === "forbidden" ? m.block_look_forbidden() : m.block_look_failed();
}

/** Why an employee could not be looked for. */
export function unfoundText({ kind }: Pick<GraphqlFailure, "kind">): string {
  return kind === "forbidden" ? m.block_look_forbidden() : m.block_find_failed();
}

/** Where a lock that has not proven a block stands. */
export function placeText(place: ResidualPlace): string {
  switch (place.kind) {
    case "known":
      return place.address;
    case "outside":
      return m.block_unknown_lock();
    case "asking":
      return m.block_place_asking();
    case "failed":
      return m.block_place_failed();
  }
}

/** What kind of device it is. */
export function formText(form: string): string {
  switch (form) {
    case "phone":
      return m.block_form_phone();
    case "tablet":
      return m.block_form_tablet();
    case "smartkey":
      return m.block_form_smartkey();
    default:
      return form;
  }
}
