/** A folded word without gaps, prepared for being compared with thousands of others. */
export interface TypedWord {
  readonly text: string;
  /** The digits in it, in their order. */
  readonly digits: string;
  readonly codes: Uint16Array;
  /** One bit for each letter a–z that is in it. */
  readonly letters: number;
}

/** How far what was typed is from a word: as a whole, and from the nearest beginning of it. */
export interface TypingDistance {
  readonly whole: number;
  readonly beginning: number;
}

/** A letter typed twice, or once instead of twice, is the smallest slip. */
const DOUBLED = 0.5;
const FAR = Number.POSITIVE_INFINITY;
const CODE_A = 97;
const LETTERS = 26;

/** Prepares a folded word. */
export function typedWord(text: string): TypedWord {
  const codes = Uint16Array.from(text, (letter) => letter.charCodeAt(0));
  let letters = 0;
  for (const code of codes) if (code >= CODE_A && code < CODE_A + LETTERS) letters |= 1 << (code - CODE_A);
  return { text, digits: text.replaceAll(/\D/g, ""), codes, letters };
}

/**
 * Counts slips of the fingers: a letter wrong, missing, too many, or two in the wrong order, 1 each; a letter doubled or
 * not, {@link DOUBLED}. Undefined where even the nearest beginning is further than `max`.
 */
export function typingDistance(typed: TypedWord, word: TypedWord, max: number): TypingDistance | undefined {
  const { length } = typed.codes;
  if (length === 0 || length - word.codes.length > max) return undefined;
  // Each slip brings at most one letter that the word doesn't have.
  if (bitsIn(typed.letters & ~word.letters) > max) return undefined;
  const width = word.codes.length + 1;
  const rows = new Float64Array(width * 3);
  for (let j = 1; j < width; j += 1) rows[j] = (rows[j - 1] ?? FAR) + costOf(word.codes, j - 1);
  for (let i = 1; i <= length; i += 1) {
    if (fillRow({ typed: typed.codes, word: word.codes, rows, width, i }) > max) return undefined;
  }
  const last = rows.subarray((length % 3) * width, (length % 3) * width + width);
  return { whole: last[width - 1] ?? FAR, beginning: Math.min(...last) };
}

function bitsIn(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function costOf(codes: Uint16Array, at: number): number {
  return at > 0 && codes[at] === codes[at - 1] ? DOUBLED : 1;
}

interface Row {
  readonly typed: Uint16Array;
  readonly word: Uint16Array;
  /** The last three rows, by their number modulo 3. */
  readonly rows: Float64Array;
  readonly width: number;
  /** Letters of `typed` that the row stands for. */
  readonly i: number;
}

/** Fills one row; answers the least in it. */
function fillRow({ typed, word, rows, width, i }: Row): number {
  const here = (i % 3) * width;
  const above = ((i + 2) % 3) * width;
  const twoAbove = ((i + 1) % 3) * width;
  const tooMany = costOf(typed, i - 1);
  const letter = typed[i - 1];
  let least = (rows[above] ?? FAR) + tooMany;
  rows[here] = least;
  for (let j = 1; j < width; j += 1) {
    let cost = (rows[above + j - 1] ?? FAR) + (letter === word[j - 1] ? 0 : 1);
    cost = Math.min(cost, (rows[above + j] ?? FAR) + tooMany, (rows[here + j - 1] ?? FAR) + costOf(word, j - 1));
    if (i > 1 && j > 1 && letter === word[j - 2] && typed[i - 2] === word[j - 1]) {
      cost = Math.min(cost, (rows[twoAbove + j - 2] ?? FAR) + 1);
    }
    rows[here + j] = cost;
    if (cost < least) least = cost;
  }
  return least;
}
