/**
 * The TypeScript of a component, on the lines where it stands in the file; everything else is blank. What is in markup
 * alone is left to svelte-check.
 */
export function scriptOf(component: string): string {
  let script = "";
  let end = 0;
  for (const found of component.matchAll(/(<script\b[^>]*>)([\s\S]*?)<\/script>/g)) {
    const [, tag = "", body = ""] = found;
    const start = found.index + tag.length;
    script += blank(component.slice(end, start)) + body;
    end = start + body.length;
  }
  return script + blank(component.slice(end));
}

/** Whether a file is a component. */
export function isComponent(file: string): boolean {
  return file.endsWith(".svelte");
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, "");
}
