/** Why a text is not strict JSON. */
export type JsonFault = "NOT_JSON" | "NOT_CANONICAL" | "FORBIDDEN_NAME";

// Readers disagree about this name: some set an object's prototype, some drop it unseen.
const FORBIDDEN = '"__proto__":';

/**
 * Reads strict JSON: a text that is exactly what `JSON.stringify` gives for its value, with the names in any order.
 * So there is no white space, no doubled name, no second spelling of a number or a character: two readers can't see
 * two different messages in the same signed bytes.
 */
export function parseStrictJson(text: string): { readonly value: unknown } | { readonly fault: JsonFault } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: "NOT_JSON" };
  }
  if (text.includes(FORBIDDEN)) return { fault: "FORBIDDEN_NAME" };
  return JSON.stringify(value) === text ? { value } : { fault: "NOT_CANONICAL" };
}
