import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { signOpening, type Phone, type SignedRequest } from "../installation/api.ts";
import type { Installation } from "../installation/demo.ts";

/** A question with its right answer. */
export interface Question {
  readonly credential: string;
  readonly lock: string;
  readonly outcome: "allow" | "deny";
}

/** As many questions that are to be allowed as ones to be denied: each phone, at own doors and at others'. */
export function questionsOf(phones: readonly Phone[]): readonly Question[] {
  const all = new Set(phones.flatMap(({ locks }) => locks));
  return phones.flatMap(({ credential, locks }) => {
    const foreign = [...all].filter((lock) => !locks.includes(lock)).slice(0, locks.length);
    const asked = (outcome: Question["outcome"]) => (lock: string) => ({ credential, lock, outcome });
    return [...locks.slice(0, foreign.length).map(asked("allow")), ...foreign.map(asked("deny"))];
  });
}

/** So many presses, each lock's as far apart as can be, from the door at `shift` on; signed now, good for a minute. */
export function pressesOf(
  phones: readonly Phone[],
  { count, waitMs, shift = 0 }: { readonly count: number; readonly waitMs: number; readonly shift?: number },
): readonly SignedRequest[] {
  const doors = new Map(phones.flatMap((phone) => phone.locks.map((lock) => [lock, phone] as const)));
  const all = [...doors];
  return Array.from({ length: count }, (_, n) => all[(n + shift) % all.length]).flatMap((door) =>
    door === undefined ? [] : [signOpening(door[1], door[0], waitMs)],
  );
}

/** Writes what a scenario reads; only its owner may, for it holds sessions. */
export async function writeData(
  folder: string,
  name: string,
  installation: Pick<Installation, "url">,
  data: object,
): Promise<string> {
  const path = join(folder, `${name}.json`);
  await writeFile(path, JSON.stringify({ url: installation.url, ...data }), { mode: 0o600 });
  return path;
}
