import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";

const FOLDER = new URL("../messages/", import.meta.url);
const Messages = z.record(z.string(), z.string());

function messagesOf(language: string, file: string): Map<string, string> {
  const text = readFileSync(new URL(`${language}/${file}`, FOLDER), "utf8");
  return new Map(Object.entries(Messages.parse(JSON.parse(text))));
}

function blanksIn(message: string): string[] {
  return [...message.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).toSorted();
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
  for (const [key, text] of danish) {
    expect.soft(text.trim(), key).not.toBe("");
    expect.soft(english.get(key)?.trim(), key).not.toBe("");
    expect.soft(blanksIn(english.get(key) ?? ""), key).toEqual(blanksIn(text));
  }
});
