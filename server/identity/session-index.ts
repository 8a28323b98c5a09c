import { isForeign, type JournalEntry, type TailBatch } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { JournalUnavailableError } from "../kernel/errors.ts";
import { findSession, findToken, type FoundCaller, type Lookup } from "./find-caller.ts";
import type { KnownPrincipal } from "./principal.ts";

/** The same bound as the access index: what is remembered from before is not answered from. */
const INDEX_AGE_MS_MAX = 2_000;
/** What has run out is dropped, and its sockets closed, within this. */
const SWEEP_MS = 1_000;
/** Each lookup loses only to a revocation that arrived while it read. */
const LOOKUPS_MAX = 5;

/** What the index needs. */
export interface SessionIndexDeps {
  readonly database: Database;
  readonly clock: Clock;
  /** Age of the journal's tail that feeds {@link SessionIndex.apply}. */
  readonly ageMs: () => number;
}

interface Known extends FoundCaller {
  readonly controller: AbortController;
}

/** Which kind of secret is looked up. */
export type SecretKind = "session" | "token";

/**
 * Who is behind a session or token. It remembers what it read and forgets it by the journal's tail, never by time: an
 * ended session, a revoked token, a block, a changed account or policy. When the tail is older than two seconds it asks
 * Postgres each time. What it forgets because a right ended, it ends: the principal's `ended` aborts.
 */
export class SessionIndex {
  readonly #deps: SessionIndexDeps;
  readonly #known = new Map<string, Known>();
  /** One look-up of a name at a time, so that all who ask at once get one principal and one `ended`. */
  readonly #reading = new Map<string, Promise<Lookup>>();
  #version = 0;
  #cancelSweep: () => void = () => undefined;

  constructor(deps: SessionIndexDeps) {
    this.#deps = deps;
    this.#sweepLater();
  }

  /** How many sessions and tokens it remembers. */
  get size(): number {
    return this.#known.size;
  }

  /** Finds the caller behind the SHA-256 of a secret. Rejects with JournalUnavailableError when it can't be known. */
  async find(kind: SecretKind, digest: Uint8Array): Promise<Lookup> {
    const name = nameOf(kind, digest);
    const known = this.#known.get(name);
    const fresh = this.#deps.ageMs() <= INDEX_AGE_MS_MAX;
    if (known !== undefined && fresh) return this.#current(known);
    // Without the tail, a look-up from before this call may not know what ended since; one that starts after it does.
    if (!fresh) await this.#reading.get(name)?.catch(() => undefined);
    return this.#reading.get(name) ?? this.#startReading(name, kind, digest);
  }

  /** Whether the secret stood for somebody when it was last looked up. */
  remembers(kind: SecretKind, digest: Uint8Array): boolean {
    return this.#known.has(nameOf(kind, digest));
  }

  /** Takes in what the tail brings; a listener for `JournalTail.onBatch`. */
  readonly apply = (batch: TailBatch): void => {
    for (const entry of batch.entries) {
      if (isForeign(entry)) this.#forgetAll();
      else this.#endBy(entry);
    }
  };

  /** Stops sweeping and ends everything that is live. */
  stop(): void {
    this.#cancelSweep();
    this.#end(() => true);
  }

  #current(known: Known): Lookup {
    return known.principal.expiresAt <= this.#deps.clock.now() ? "expired" : known;
  }

  #startReading(name: string, kind: SecretKind, digest: Uint8Array): Promise<Lookup> {
    const reading = this.#read(name, kind, digest).finally(() => this.#reading.delete(name));
    this.#reading.set(name, reading);
    return reading;
  }

  async #read(name: string, kind: SecretKind, digest: Uint8Array): Promise<Lookup> {
    const { database, clock } = this.#deps;
    for (let tries = 0; tries < LOOKUPS_MAX; tries += 1) {
      const before = this.#version;
      const controller = this.#known.get(name)?.controller ?? new AbortController();
      const asked = { tables: database.tables, digest, now: clock.now(), ended: controller.signal };
      const found = await (kind === "session" ? findSession(asked) : findToken(asked));
      // A right that ended while we read may or may not be in what we read, and the tail won't tell of it again.
      if (this.#version !== before || controller.signal.aborted) continue;
      if (typeof found !== "string") this.#known.set(name, { ...found, controller });
      else if (this.#known.delete(name)) controller.abort();
      return found;
    }
    throw new JournalUnavailableError("rights ended faster than a session could be read");
  }

  #endBy(entry: JournalEntry): void {
    const ends = endedBy(entry);
    if (ends === undefined) return;
    this.#version += 1;
    this.#end(({ principal }) => ends(principal));
  }

  #end(ends: (known: Known) => boolean): void {
    for (const [name, known] of this.#known) {
      if (!ends(known)) continue;
      this.#known.delete(name);
      known.controller.abort();
    }
  }

  /** After what entries do not tell, everybody comes back with rights read anew. */
  #forgetAll(): void {
    this.#version += 1;
    this.#end(() => true);
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#deps.clock.after(SWEEP_MS, () => {
      const now = this.#deps.clock.now();
      this.#end(({ principal }) => principal.expiresAt <= now);
      this.#sweepLater();
    });
  }
}

function nameOf(kind: SecretKind, digest: Uint8Array): string {
  return `${kind} ${Buffer.from(digest).toString("base64")}`;
}

/** Whom an entry takes a right from; `undefined` for entries that end no session. */
function endedBy(entry: JournalEntry): ((principal: KnownPrincipal) => boolean) | undefined {
  switch (entry.kind) {
    case "session.ended":
      return (who) => who.kind !== "token" && entry.data.sessions.includes(who.session);
    case "token.revoked":
      return (who) => who.kind === "token" && who.token === entry.data.token;
    case "account.changed":
      return (who) => who.kind === "dashboard" && who.account === entry.data.account;
    case "policy.changed":
      return (who) => who.tenant === entry.tenant;
    case "world.imported":
      return movedBy(entry);
    case "person.closed":
      return (who) => who.kind !== "token" && who.person === entry.data.person;
    case "block.placed":
      return blockedBy(entry.data.subject);
    default:
      return undefined;
  }
}

/** Whose rights an import may have changed; everybody else goes on undisturbed. */
function movedBy({ tenant, data }: JournalEntry<"world.imported">) {
  const persons = data.persons === undefined ? undefined : new Set(data.persons);
  return (who: KnownPrincipal): boolean => {
    if (who.tenant !== tenant) return false;
    if (persons === undefined) return true;
    return who.kind !== "token" && who.person !== undefined && persons.has(who.person);
  };
}

function blockedBy(subject: { readonly type: string; readonly id: number }) {
  return (who: KnownPrincipal): boolean => {
    if (who.kind === "token") return false;
    if (subject.type === "person") return who.person === subject.id;
    if (who.kind === "dashboard") return false;
    if (subject.type === "credential") return who.credential === subject.id;
    if (subject.type === "department") return who.department === subject.id;
    return subject.type === "provider" && who.provider === subject.id;
  };
}
