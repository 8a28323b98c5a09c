import { crc32 } from "node:zlib";
import { newSecret } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";

const PREFIX = "ptn_";
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKSUM_CHARACTERS = 6;
const SHAPE = /^ptn_([A-Za-z0-9_-]{43})([0-9A-Za-z]{6})$/;

function checksum(body: string): string {
  let rest = crc32(body);
  let text = "";
  for (let i = 0; i < CHECKSUM_CHARACTERS; i += 1) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}

/** A new API token: `ptn_`, 256 random bits, and a checksum by which scanners tell a leaked one from noise. */
export function newTokenText(random: Random): string {
  const body = newSecret(random);
  return `${PREFIX}${body}${checksum(body)}`;
}

/** Whether a text is an API token by its form; says nothing of whether it is valid. */
export function isTokenText(text: string): boolean {
  const [, body, sum] = SHAPE.exec(text) ?? [];
  return body !== undefined && sum === checksum(body);
}

/** Whether a text means to be an API token. */
export function claimsToBeToken(text: string): boolean {
  return text.startsWith(PREFIX);
}
