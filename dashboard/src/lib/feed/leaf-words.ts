import { m } from "#messages";
import type { Tone } from "../ui/tone.ts";

/** Where the door leaf went. */
export function leafWords(position: string): { readonly tone: Tone; readonly glyph: string; readonly word: string } {
  if (position === "open") return { tone: "neutral", glyph: "→", word: m.live_leaf_open() };
  if (position === "closed") return { tone: "neutral", glyph: "←", word: m.live_leaf_closed() };
  return { tone: "soon", glyph: "?", word: m.live_leaf_unknown() };
}
