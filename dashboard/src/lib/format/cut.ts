/** The beginning of a text, at most so many UTF-16 units, as the API counts; half a character at its end is left out. */
export function cutText(text: string, unitsMax: number): string {
  return text.slice(0, unitsMax).replace(/\p{Surrogate}$/u, "");
}
