/**
 * As browsers and the bundler say that a page's code did not come: Chromium, Firefox, Safari, and a style sheet that belongs
 * to it.
 */
const MISSING =
  /^(Failed to fetch dynamically imported module|error loading dynamically imported module|Importing a module script failed|Unable to preload CSS)/i;

/** Whether something failed because code that a page needs could not be fetched: the page is not broken, only not there. */
export function isCodeMissing(failed: unknown): boolean {
  return failed instanceof Error && MISSING.test(failed.message);
}

/** What such a page ends in: it can be had again. */
export const CODE_MISSING = { status: 503, code: "CODE_MISSING" } as const;
