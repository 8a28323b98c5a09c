import { stat } from "node:fs/promises";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { ok } from "../kernel/result.ts";
import type { Result } from "../kernel/result.ts";
import { CREDENTIALS_POLL_MS } from "./broker-limits.ts";
import { readCredentials } from "./credentials.ts";
import type { Credential, CredentialFault } from "./credentials.ts";

/** The credentials that count now, following their file. */
export type CredentialsWatch = {
  current(): ReadonlyMap<string, Credential>;
  /** Reads the file now. A faulty file changes nothing: what counted before goes on counting. */
  reload(): Promise<Result<number, CredentialFault>>;
  onChange(listener: () => void): void;
  stop(): void;
};

async function fingerprint(path: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(path);
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return "missing";
  }
}

/**
 * Follows a credentials file by looking at it, which also works where file system notifications get lost. Fails only
 * when the file can't be used at the start.
 */
export async function watchCredentials(
  path: string,
  deps: { clock: Clock; log: Log },
): Promise<Result<CredentialsWatch, CredentialFault>> {
  let seen = await fingerprint(path);
  const first = await readCredentials(path);
  if (!first.ok) return first;
  let credentials = first.value;
  const listeners: (() => void)[] = [];
  let stopped = false;
  let cancel = deps.clock.after(CREDENTIALS_POLL_MS, look);

  async function reload(): Promise<Result<number, CredentialFault>> {
    // Stamped before reading: a replacement in between is read again at the next look.
    seen = await fingerprint(path);
    const read = await readCredentials(path);
    if (!read.ok) {
      deps.log.error({ ...read.failure }, "credentials file can't be used, the former credentials stay");
      return read;
    }
    credentials = read.value;
    for (const listener of listeners) listener();
    return ok(credentials.size);
  }

  async function lookOnce(): Promise<void> {
    if ((await fingerprint(path)) !== seen) await reload();
    if (!stopped) cancel = deps.clock.after(CREDENTIALS_POLL_MS, look);
  }

  function look(): void {
    void lookOnce();
  }

  return ok({
    current: () => credentials,
    reload,
    onChange: (listener) => listeners.push(listener),
    stop: () => {
      stopped = true;
      cancel();
    },
  });
}
