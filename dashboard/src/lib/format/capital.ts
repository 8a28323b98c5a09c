/** A word as a sentence or a heading begins with it. */
export function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase("da") + text.slice(1);
}
