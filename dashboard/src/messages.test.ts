import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";

const FOLDER = new URL("../messages/", import.meta.url);
/** A message that reads differently for one and for several. */
const Forms = z.array(z.object({ match: z.record(z.string(), z.string()) }));
const Messages = z.record(z.string(), z.union([z.string(), Forms]));

/** Every message by its key, in each of its forms. */
function messagesOf(language: string, file: string): Map<string, readonly string[]> {
  const text = readFileSync(new URL(`${language}/${file}`, FOLDER), "utf8");
  const messages = Object.entries(Messages.parse(JSON.parse(text)));
  return new Map(
    messages.map(([key, told]) => [
      key,
      typeof told === "string" ? [told] : told.flatMap(({ match }) => Object.values(match)),
    ]),
  );
}

function blanksIn(forms: readonly string[]): string[] {
  const names = forms.flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name));
  return [...new Set(names)].toSorted();
}

const FILES = readdirSync(new URL("da/", FOLDER)).toSorted();

test("every file of messages exists in both languages and is compiled", () => {
  expect(readdirSync(new URL("en/", FOLDER)).toSorted()).toEqual(FILES);
  const settings = readFileSync(new URL("../project.inlang/settings.json", import.meta.url), "utf8");
  expect(FILES.filter((file) => !settings.includes(`{locale}/${file}`))).toEqual([]);
});

test.each(FILES)("%s says everything in Danish and English, with the same blanks", (file) => {
  const danish = messagesOf("da", file);
  const english = messagesOf("en", file);
  expect([...english.keys()].toSorted()).toEqual([...danish.keys()].toSorted());
  for (const [key, forms] of danish) {
    const others = english.get(key) ?? [];
    for (const form of [...forms, ...others]) expect.soft(form.trim(), key).not.toBe("");
    expect.soft(others.length, key).toBe(forms.length);
    expect.soft(blanksIn(others), key).toEqual(blanksIn(forms));
  }
});
