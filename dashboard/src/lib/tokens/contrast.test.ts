import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const CSS = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
/** WCAG 1.4.3: text; 1.4.11: what alone shows where a control is. */
const TEXT = 4.5;
const EDGE = 3;

const GROUNDS = ["ground", "card", "sunk", "raised"];
const PAIRS: readonly (readonly [string, string, number])[] = [
  ...["ink", "ink-soft", "accent", "ok", "soon", "urgent"].flatMap((text) =>
    GROUNDS.map((ground) => [text, ground, TEXT] as const),
  ),
  ...["ok-ground", "soon-ground", "urgent-ground"].flatMap((ground) => [
    ["ink", ground, TEXT] as const,
    ["ink-soft", ground, TEXT] as const,
  ]),
  ["ok", "ok-ground", TEXT],
  ["accent", "ok-ground", TEXT],
  ["soon", "soon-ground", TEXT],
  ["urgent", "urgent-ground", TEXT],
  ["on-accent", "accent", TEXT],
  ["card", "urgent", TEXT],
  ...["ground", "card", "raised"].map((ground) => ["line-strong", ground, EDGE] as const),
];

function colourOf(name: string, theme: "light" | "dark"): string {
  const found = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(CSS);
  return (theme === "light" ? found?.[1] : found?.[2]) ?? "";
}

function luminance(colour: string): number {
  const channels = [1, 3, 5].map((from) => {
    const share = Number.parseInt(colour.slice(from, from + 2), 16) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (channels[0] ?? 0) + 0.7152 * (channels[1] ?? 0) + 0.0722 * (channels[2] ?? 0);
}

function contrast(first: string, second: string): number {
  const [dark = 0, light = 0] = [luminance(first), luminance(second)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test.each(["light", "dark"] as const)(
  "every text of the %s theme can be read on every ground it stands on",
  (theme) => {
    const faint = PAIRS.flatMap(([text, ground, least]) => {
      const found = contrast(colourOf(text, theme), colourOf(ground, theme));
      return found >= least ? [] : [`${text} on ${ground}: ${found.toFixed(2)} < ${least}`];
    });
    expect(faint).toEqual([]);
  },
);
