import type { Language } from "../format/language.ts";

/** `system` follows the machine. */
export type Theme = "system" | "light" | "dark";

/** Names of the cookies that keep a viewer's choices. They hold nothing personal and scripts may read them. */
export const COOKIES = { language: "portner-language", theme: "portner-theme", keys: "portner-keys" } as const;

/** How long choices are kept. */
export const PREFERENCE_SECONDS = 400 * 24 * 3_600;

/** A language by its cookie; Danish where there is none. */
export function languageOf(text: string | undefined): Language {
  return text === "en" ? "en" : "da";
}

/** A theme by its cookie; the machine's own where there is none. */
export function themeOf(text: string | undefined): Theme {
  return text === "light" || text === "dark" ? text : "system";
}
