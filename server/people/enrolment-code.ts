import { digestOfSecret } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";

/** Digits and capitals without I, L, O and U, which are misread or read as words (Crockford's base 32). */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** 12 characters of 5 bits: 60 bits. */
const CODE_CHARACTERS = 12;
const GROUP = 4;
/** Longest text looked at: a code, its hyphens, and a careless user's spaces. */
const TYPED_MAX = 64;

/** A new one-time code as people read it: `XXXX-XXXX-XXXX`. */
export function newCode(random: Random): string {
  const bytes = random.bytes(CODE_CHARACTERS);
  const characters = [...bytes].map((byte) => ALPHABET.charAt(byte & 31));
  const groups = Array.from({ length: CODE_CHARACTERS / GROUP }, (_, at) =>
    characters.slice(at * GROUP, (at + 1) * GROUP).join(""),
  );
  return groups.join("-");
}

/**
 * The digest under which a typed code is stored; case, hyphens and spaces do not matter, and the letters that look like
 * digits are read as those. `undefined` for what can't be a code.
 */
export function digestOfCode(typed: string): Buffer | undefined {
  if (typed.length > TYPED_MAX) return undefined;
  const code = typed.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  const known = code.length === CODE_CHARACTERS && [...code].every((character) => ALPHABET.includes(character));
  return known ? digestOfSecret(code) : undefined;
}
