/**
 * Whether a press is the beginning of something to be searched for: a letter or digit by itself, wherever the focus is but
 * in a field. The hotline's page has no shortcuts of single letters, so that nothing that is typed gets lost.
 */
export function beginsText({
  key,
  target,
  isPlain,
}: {
  readonly key: string;
  readonly target: EventTarget | null;
  /** Without Control, Alt or Meta, and not while letters are being composed. */
  readonly isPlain: boolean;
}): boolean {
  if (!isPlain || !/^[\p{L}\p{N}]$/u.test(key)) return false;
  if (!(target instanceof HTMLElement)) return true;
  return target.closest("input, textarea, select, dialog, [contenteditable=true]") === null;
}
