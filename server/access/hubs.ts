import { RULES_VERSION } from "@portner/schema/access";
import { append, newEntry } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { newId } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import type { AccessIndex } from "./access-index.ts";
import { deleteHub, insertHub, touchHub } from "./store/hubs.ts";

/** How often a hub says that it lives; a block's reach counts those heard of in the last ten of these. */
const BEAT_MS = 1_000;

/** What a hub's registration needs. */
export interface HubDeps {
  readonly database: Database;
  /** This process's own id. */
  readonly hub: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Version of the program. */
  readonly version: string;
  readonly index: Pick<AccessIndex, "revision">;
}

/** Registers this process, with the entry that it took up work, and goes on saying that it lives until it is stopped. */
export async function registerHub(deps: HubDeps): Promise<HubHeartbeat> {
  await append(deps, async (tables) => {
    const appliedSequence = deps.index.revision.sequence;
    await insertHub(tables, { id: deps.hub, version: deps.version, appliedSequence });
    const data = { version: deps.version, rulesVersion: RULES_VERSION };
    const entry = newEntry("hub.started", { entryId: newId(deps.random), occurredAt: deps.clock.now(), data });
    return { entries: [entry], value: undefined };
  });
  return new HubHeartbeat(deps);
}

/** The beat of a registered hub: one write a second, however much its index has moved. */
export class HubHeartbeat {
  readonly #deps: HubDeps;
  #cancel: () => void;
  #beating: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(deps: HubDeps) {
    this.#deps = deps;
    this.#cancel = deps.clock.after(BEAT_MS, () => this.#beat());
  }

  /** Ends the beat and strikes the hub off. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#beating;
    const { database, hub, log } = this.#deps;
    await deleteHub(database.tables, hub).catch((error: unknown) => {
      log.warn({ error: String(error) }, "this hub could not be struck off");
    });
  }

  // The next beat is set when this one has ended, so that a slow Postgres never has two of them at once.
  #beat(): void {
    const { database, hub, version, index, log, clock } = this.#deps;
    const appliedSequence = index.revision.sequence;
    this.#beating = touchHub(database.tables, { id: hub, version, appliedSequence })
      .catch((error: unknown) => log.warn({ error: String(error) }, "the hub's beat was not written"))
      .then(() => {
        if (!this.#stopped) this.#cancel = clock.after(BEAT_MS, () => this.#beat());
      });
  }
}
