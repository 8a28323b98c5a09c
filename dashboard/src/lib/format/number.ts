import type { Language } from "./language.ts";

/** A whole number with separators between thousands: `1.204`, in English `1,204`. */
export function wholeText(value: number, language: Language): string {
  return Math.round(value)
    .toString()
    .replaceAll(/\B(?=(\d{3})+$)/g, language === "da" ? "." : ",");
}

/** A share between 0 and 1 as a whole percentage: `74 %`, in English `74%`. */
export function percentText(share: number, language: Language): string {
  return `${Math.round(share * 100)}${language === "da" ? " %" : "%"}`;
}
