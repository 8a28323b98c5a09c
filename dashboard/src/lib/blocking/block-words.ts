import { m } from "#messages";

const REFUSALS: Readonly<Record<string, () => string>> = {
  FORBIDDEN: m.block_refused_forbidden,
  NOT_FOUND: m.block_refused_not_found,
  NEEDS_SECOND_PERSON: m.block_refused_second_person,
  ALREADY_LIFTED: m.block_refused_already_lifted,
  OVERTAKEN: m.block_refused_overtaken,
  REASON_MISSING: m.block_refused_reason,
  REASON_TOO_LONG: m.block_refused_reason,
  UNREACHABLE: m.block_refused_unreachable,
  JOURNAL_UNAVAILABLE: m.block_refused_unavailable,
};

/** Why a block was not placed, lifted or told. */
export function blockRefusalText(code: string): string {
  return REFUSALS[code]?.() ?? m.block_refused({ code });
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
