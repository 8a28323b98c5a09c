import { readFile } from "node:fs/promises";
import { z } from "zod";
import { Identifier } from "@portner/schema/mqtt";
import type { Random } from "../kernel/random.ts";
import { fail, ok } from "../kernel/result.ts";
import type { Result } from "../kernel/result.ts";
import { replaceFile } from "./atomic-file.ts";
import { isVerifier } from "./verifier.ts";

const Verifier = z.string().refine(isVerifier, "no known form of verifier");

const CredentialSchema = z.discriminatedUnion("role", [
  z.strictObject({ user: Identifier, role: z.literal("hub"), verifier: Verifier }),
  z.strictObject({ user: Identifier, role: z.literal("lock"), tenant: Identifier, verifier: Verifier }),
]);

/**
 * Who may connect to the broker. `user` is user name and client id at once: the lock's id, or a name that one hub
 * process has for itself. `verifier` is made by `verifierOfDigest`.
 */
export type Credential = z.infer<typeof CredentialSchema>;

/** Why a credentials file can't be used. `line` counts from 1; the content is never quoted. */
export type CredentialFault =
  | { readonly code: "CREDENTIALS_MISSING" | "CREDENTIALS_UNREADABLE"; readonly path: string }
  | {
      readonly code: "CREDENTIALS_FAULTY";
      readonly path: string;
      readonly line: number;
      readonly why: "syntax" | "duplicate";
    };

/** More than any one broker here carries; keeps a broken writer from filling the broker's memory. */
const CREDENTIALS_MAX = 100_000;

function parseLine(text: string): Credential | undefined {
  try {
    return CredentialSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function parseCredentials(path: string, text: string): Result<ReadonlyMap<string, Credential>, CredentialFault> {
  const credentials = new Map<string, Credential>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const credential = credentials.size < CREDENTIALS_MAX ? parseLine(line) : undefined;
    const faulty = { code: "CREDENTIALS_FAULTY", path, line: index + 1 } as const;
    if (credential === undefined) return fail({ ...faulty, why: "syntax" });
    if (credentials.has(credential.user)) return fail({ ...faulty, why: "duplicate" });
    credentials.set(credential.user, credential);
  }
  return ok(credentials);
}

/** Reads a credentials file (JSON lines, one credential a line) whole or not at all, by user name. */
export async function readCredentials(path: string): Promise<Result<ReadonlyMap<string, Credential>, CredentialFault>> {
  try {
    return parseCredentials(path, await readFile(path, "utf8"));
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    return fail({ code: missing ? "CREDENTIALS_MISSING" : "CREDENTIALS_UNREADABLE", path });
  }
}

/**
 * The file from which the embedded broker learns who may connect. One process writes it (the hub that runs the
 * broker); calls take effect in order, each replaces the file in one step, and the broker follows within half a second.
 */
export type CredentialsFile = {
  /** Makes these the only credentials. Rejects with the system's error when the file can't be written. */
  write(credentials: Iterable<Credential>): Promise<void>;
  /** Adds credentials, replacing those of the same user; a missing file counts as empty. */
  add(credentials: Iterable<Credential>): Promise<Result<void, CredentialFault>>;
  /** Takes credentials away; the broker ends their connections. */
  remove(users: Iterable<string>): Promise<Result<void, CredentialFault>>;
};

/** A writer for the credentials file at `path`, whose folder must exist. */
export function credentialsFile(path: string, random: Random): CredentialsFile {
  let last: Promise<unknown> = Promise.resolve();

  function inOrder<Value>(task: () => Promise<Value>): Promise<Value> {
    const next = last.then(task);
    last = next.catch(() => undefined);
    return next;
  }

  function put(credentials: Iterable<Credential>): Promise<void> {
    const lines = [...credentials].map((credential) => `${JSON.stringify(credential)}\n`);
    return replaceFile(path, lines.join(""), { mode: 0o600, random });
  }

  function change(edit: (credentials: Map<string, Credential>) => void): Promise<Result<void, CredentialFault>> {
    return inOrder(async () => {
      const current = await readCredentials(path);
      if (!current.ok && current.failure.code !== "CREDENTIALS_MISSING") return current;
      const credentials = new Map(current.ok ? current.value : []);
      edit(credentials);
      await put(credentials.values());
      return ok(undefined);
    });
  }

  return {
    write: (credentials) => inOrder(() => put(credentials)),
    add: (added) =>
      change((credentials) => {
        for (const credential of added) credentials.set(credential.user, credential);
      }),
    remove: (users) =>
      change((credentials) => {
        for (const user of users) credentials.delete(user);
      }),
  };
}
