/** How something stands. Each has a glyph of its own, so that colour alone never carries the meaning. */
export type Tone = "ok" | "soon" | "urgent" | "neutral";

/** Glyph of each tone; neutral has none. */
export const GLYPHS: Readonly<Record<Tone, string>> = { ok: "✓", soon: "▲", urgent: "✕", neutral: "" };
