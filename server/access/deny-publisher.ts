import { createHash } from "node:crypto";
import { denyDigestText, type DenyEntry, type DenyMessage } from "@portner/schema/mqtt";
import { isForeign, type JournalEntry, type JournalTail } from "../journal/index.ts";
import type { Clock, Instant } from "../kernel/clock.ts";
import type { Tables } from "../kernel/database.ts";
import type { Log } from "../kernel/log.ts";
import { credentialsByIds } from "../people/index.ts";
import type { AccessIndex } from "./access-index.ts";
import { deniedCredentials, denyDocument, type DenyDocument } from "./deny-document.ts";

/** Pause before a document that could not be published is tried again. */
const RETRY_MS = 1_000;
/** Repairs of a tenant's document are gathered for so long: one document mends everybody who was behind. */
const REPAIR_AFTER_MS = 2_000;

/** How often one lock is mended for one document: one that is behind may have been away again, but not for ever. */
const MENDS_MAX = 5;
/** A lock of the right version with another digest most likely still holds a lifted entry, which no document takes away. */
const MENDS_OF_EXTRAS_MAX = 1;

/** What publishing needs. */
export interface DenyDeps {
  readonly index: Pick<AccessIndex, "facts" | "onMoved">;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly log: Log;
  /** Signs the document and publishes it, retained. False, or a rejection, when it could not be handed to the broker. */
  readonly publishDeny: (tenant: number, message: DenyMessage) => Promise<boolean>;
}

interface Desk {
  /** Fingerprint of the document that the broker took last; undefined before the first. */
  published: string | undefined;
  readBack: DenyMessage | undefined;
  wanted: boolean;
  busy: boolean;
  omitted: number;
  repairing: boolean;
  /** Locks whose last proof was not of the document that is out. */
  readonly behind: Set<number>;
  /** How often each lock was mended, and for which document. */
  readonly mended: Map<number, { readonly print: string; readonly times: number }>;
}

/** Keeps every tenant's deny document at the broker as the index has it. Follow the tail behind the index. */
export class DenyPublisher {
  readonly #deps: DenyDeps;
  readonly #desks = new Map<number, Desk>();
  readonly #publicIds = new Map<number, string>();
  #facts: unknown;
  #connected = false;
  #stopped = false;
  #unfollow: () => void = () => undefined;

  constructor(deps: DenyDeps) {
    this.#deps = deps;
    this.#facts = deps.index.facts;
    deps.index.onMoved(() => this.#seeReload());
  }

  /** Denied credentials that found no place in a document, over all tenants; more than 0 is worth an alarm. */
  get omitted(): number {
    return [...this.#desks.values()].reduce((sum, desk) => sum + desk.omitted, 0);
  }

  /** Publishes what changes, and mends what locks prove not to hold. The index must follow the same tail already. */
  follow(tail: Pick<JournalTail, "onBatch">): void {
    this.#unfollow = tail.onBatch(({ entries }) => {
      for (const entry of entries) if (!isForeign(entry)) this.#see(entry);
    });
  }

  /** The broker is there, for the first time or again: it may have forgotten everything it retained. */
  onConnected(): void {
    this.#connected = true;
    this.#publishAll();
  }

  /** The broker is away; nothing is tried until it is back. */
  onDisconnected(): void {
    this.#connected = false;
  }

  /** What the broker retains for a tenant, signature verified; undefined when it has nothing, or nothing that is ours. */
  onReadBack(tenant: number, message: DenyMessage | undefined): void {
    const desk = this.#desk(tenant);
    desk.readBack = message;
    if (this.#differs(tenant)) this.#repairLater(tenant, desk);
  }

  /** Lets go of the tail. */
  stop(): void {
    this.#stopped = true;
    this.#unfollow();
  }

  #see(entry: JournalEntry): void {
    switch (entry.kind) {
      case "block.placed":
      case "block.lifted":
      case "credential.enrolled":
      case "credential.raised":
        if (entry.tenant === undefined) this.#publishAll();
        else this.#publishSoon(entry.tenant, this.#desk(entry.tenant));
        return;
      case "lock.holds":
        this.#seeProof(entry);
        return;
      default:
    }
  }

  // A reload may have changed anything.
  #seeReload(): void {
    if (this.#facts === this.#deps.index.facts) return;
    this.#facts = this.#deps.index.facts;
    for (const tenant of this.#deps.index.facts.tenants.keys()) this.#publishSoon(tenant, this.#desk(tenant));
  }

  #seeProof({ tenant, lock, data }: JournalEntry<"lock.holds">): void {
    if (tenant === undefined || lock === undefined) return;
    const desk = this.#desk(tenant);
    const document = this.#document(tenant);
    if (document === undefined) return;
    const { message } = document;
    const now = this.#deps.clock.now();
    const late = data.deny.version < message.version;
    const holds = !late && data.deny.digest === digestOf(message.entries, now);
    const mends = mendsOf(desk, lock, fingerprint(message, now));
    if (holds || mends >= (late ? MENDS_MAX : MENDS_OF_EXTRAS_MAX)) desk.behind.delete(lock);
    else desk.behind.add(lock);
    if (desk.behind.size > 0) this.#repairLater(tenant, desk);
  }

  #desk(tenant: number): Desk {
    const known = this.#desks.get(tenant);
    if (known !== undefined) return known;
    const desk: Desk = {
      published: undefined,
      readBack: undefined,
      wanted: false,
      busy: false,
      omitted: 0,
      repairing: false,
      behind: new Set(),
      mended: new Map(),
    };
    this.#desks.set(tenant, desk);
    return desk;
  }

  /** The tenant's document, whole; undefined while a public id is not known, and for a tenant nobody knows. */
  #document(tenant: number): DenyDocument | undefined {
    const question = { tenant, now: this.#deps.clock.now(), publicIds: this.#publicIds };
    const document = denyDocument(this.#deps.index.facts, question);
    return document === undefined || document.unnamed > 0 ? undefined : document;
  }

  // A hub that is behind sees a document that knows more than its own; the newer version is left alone.
  #differs(tenant: number): boolean {
    const readBack = this.#desk(tenant).readBack;
    const document = this.#document(tenant);
    if (document === undefined) return false;
    const own = document.message;
    if (readBack === undefined || readBack.version < own.version) return true;
    // A document that omits entries may follow one that has them all and a higher version: that one is no newer.
    if (readBack.version > own.version) return document.omitted > 0;
    const now = this.#deps.clock.now();
    return digestOf(readBack.entries, now) !== digestOf(own.entries, now);
  }

  #repairLater(tenant: number, desk: Desk): void {
    if (desk.repairing) return;
    desk.repairing = true;
    this.#deps.clock.after(REPAIR_AFTER_MS, () => {
      desk.repairing = false;
      const message = this.#document(tenant)?.message;
      if (message === undefined || (desk.behind.size === 0 && !this.#differs(tenant))) return;
      const print = fingerprint(message, this.#deps.clock.now());
      for (const lock of desk.behind) desk.mended.set(lock, { print, times: mendsOf(desk, lock, print) + 1 });
      this.#deps.log.info({ tenant, locks: desk.behind.size }, "the deny document is published again");
      desk.behind.clear();
      desk.published = undefined;
      this.#publishSoon(tenant, desk);
    });
  }

  #publishAll(): void {
    for (const tenant of this.#deps.index.facts.tenants.keys()) {
      const desk = this.#desk(tenant);
      desk.published = undefined;
      this.#publishSoon(tenant, desk);
    }
  }

  #publishSoon(tenant: number, desk: Desk): void {
    desk.wanted = true;
    if (!desk.busy) void this.#publish(tenant, desk);
  }

  async #publish(tenant: number, desk: Desk): Promise<void> {
    desk.busy = true;
    while (desk.wanted && this.#connected && !this.#stopped) {
      desk.wanted = false;
      if (await this.#attempt(tenant, desk)) continue;
      this.#deps.clock.after(RETRY_MS, () => this.#publishSoon(tenant, desk));
      break;
    }
    desk.busy = false;
  }

  /** Whether the broker has the document, or needs none. */
  async #attempt(tenant: number, desk: Desk): Promise<boolean> {
    try {
      await this.#learnPublicIds(tenant);
      const document = this.#document(tenant);
      // A short document would count as proof of entries that it does not have.
      if (document === undefined) return !this.#deps.index.facts.tenants.has(tenant);
      this.#noteOmitted(tenant, desk, document.omitted);
      const print = fingerprint(document.message, document.message.iat);
      if (print === desk.published) return true;
      if (!(await this.#deps.publishDeny(tenant, document.message))) return false;
      desk.published = print;
      return true;
    } catch (error) {
      this.#deps.log.warn({ tenant, error: String(error) }, "a deny document could not be published");
      return false;
    }
  }

  // Journal entries know credentials by key; locks know them by public id, which never changes.
  async #learnPublicIds(tenant: number): Promise<void> {
    const denied = deniedCredentials(this.#deps.index.facts, tenant, this.#deps.clock.now());
    const missing = denied.map((each) => each.credential).filter((key) => !this.#publicIds.has(key));
    if (missing.length === 0) return;
    try {
      for (const row of await credentialsByIds(this.#deps.tables, missing)) this.#publicIds.set(row.id, row.publicId);
    } catch (error) {
      this.#deps.log.warn({ error: String(error) }, "public ids of denied credentials could not be read");
    }
    const unnamed = missing.filter((key) => !this.#publicIds.has(key)).length;
    if (unnamed > 0) this.#deps.log.warn({ tenant, unnamed }, "denied credentials without a public id");
  }

  #noteOmitted(tenant: number, desk: Desk, omitted: number): void {
    if (omitted > desk.omitted) this.#deps.log.warn({ tenant, omitted }, "denied credentials do not fit the document");
    desk.omitted = omitted;
  }
}

function mendsOf(desk: Desk, lock: number, print: string): number {
  const mended = desk.mended.get(lock);
  return mended?.print === print ? mended.times : 0;
}

/** Entries that still deny something, as the digest that a lock proves. */
function digestOf(entries: readonly DenyEntry[], now: Instant): string {
  const text = denyDigestText(entries.filter((entry) => entry.until > now));
  return createHash("sha256").update(text, "utf8").digest("base64url");
}

function fingerprint(message: DenyMessage, now: Instant): string {
  return `${message.version}:${digestOf(message.entries, now)}`;
}
