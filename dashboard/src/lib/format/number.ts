import type { Language } from "./language.ts";

/** A whole number with separators between thousands: `1.204`, in English `1,204`. */
export function wholeText(value: number, language: Language): string {
  return Math.round(value)
    .toString()
    .replaceAll(/\B(?=(\d{3})+$)/g, language === "da" ? "." : ",");
}

/** A telephone number (E.164) as it is read out: `70 12 34 56` of a Danish one, any other as it is. */
export function phoneText(number: string): string {
  const danish = /^\+45(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(number);
  return danish === null ? number : danish.slice(1).join("\u00a0");
}

/** A share between 0 and 1 as a whole percentage: `74 %`, in English `74%`. */
export function percentText(share: number, language: Language): string {
  return `${Math.round(share * 100)}${language === "da" ? " %" : "%"}`;
}
