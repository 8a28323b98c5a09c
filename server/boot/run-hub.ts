import { createGraphqlEndpoint, type GraphqlEndpoint } from "../graphql/endpoint.ts";
import { emitSdl } from "../graphql/sdl.ts";
import {
  createAuthenticate,
  createEndSessions,
  mayAtAll,
  Passwords,
  SessionIndex,
  SIGN_OUTS,
  TokenUse,
} from "../identity/index.ts";
import { isForeign, JOURNAL_AWAY_MS, type JournalEntry } from "../journal/index.ts";
import type { HubClock } from "../kernel/hub-clock.ts";
import { newId } from "../kernel/ids.ts";
import { createSealing } from "../kernel/sealing.ts";
import { followTail, loadCore, type HubCore } from "./core.ts";
import { createDoorEvents } from "./door-events.ts";
import { forwardedAddress } from "./http.ts";
import type { HubOptions } from "./hub-options.ts";
import { Observations } from "./observations.ts";
import { createSchema } from "./schema.ts";
import { watchStuckStatements } from "./stuck-statements.ts";

/** A hub that has come up. */
export interface RunningHub {
  readonly core: HubCore;
  readonly endpoint: GraphqlEndpoint;
  readonly sdl: string;
  readonly observations: Observations;
  stop(): Promise<void>;
}

/** What a hub that comes up is given by the one that waits for it. */
export interface RunHubDeps {
  readonly clock: HubClock;
  /** See {@link Observations}. */
  readonly onProof: (seconds: number) => void;
}

/** Entries that say that a lock's board came or left. */
const UNIT_KINDS: ReadonlySet<string> = new Set(["unit.commissioned", "unit.decommissioned"]);

/** Brings everything up behind the port. Rejects with what Postgres says when it is away; then nothing is left running. */
export async function runHub(options: HubOptions, { clock, onProof }: RunHubDeps): Promise<RunningHub> {
  const { log, random, machineClock } = options;
  const hub = newId(random);
  const sealing = createSealing(options.sealingKey, random);
  const core = await loadCore({ ...options, hub, sealing, clock, machineClock });
  const { database, tail } = core;
  const sessions = new SessionIndex({ database, clock, ageMs: () => tail.ageMs() });
  followTail(core);
  tail.onBatch(sessions.apply);
  const observations = new Observations(hub, onProof);
  observations.follow(tail);
  tail.onBatch(({ entries }) => {
    const isElsewhere = (entry: JournalEntry): boolean => entry.hub !== hub && UNIT_KINDS.has(entry.kind);
    if (entries.some((entry) => !isForeign(entry) && isElsewhere(entry))) options.brokerCredentials.renew();
  });
  // Behind rights and sessions: whoever lost a right in a batch gets none of its events.
  const events = createDoorEvents(core, clock, options.sealingKey);
  events.follow(tail);
  const schema = createSchema({
    core,
    events,
    clock,
    random,
    log,
    sessions,
    passwords: new Passwords(),
    endSessions: createEndSessions(clock),
    brokerUrl: options.brokerPublicUrl,
    brokerCredentials: options.brokerCredentials,
  });
  const endpoint = createGraphqlEndpoint({
    schema,
    authenticate: createAuthenticate({ sessions, tokenUse: new TokenUse({ database, clock, log }), clock }),
    clock,
    random,
    log,
    allowedOrigins: new Set(options.allowedOrigins),
    // Of what has a reserved lane, all but signing out is a block.
    hasReserved: (principal, lane) => lane === SIGN_OUTS || mayAtAll(principal, "blockDevice"),
    allowanceFactor: options.rateLimitFactor ?? 1,
    isBlind: () => tail.ageMs() >= JOURNAL_AWAY_MS,
    ...(options.trustProxy && { secure: () => true, address: forwardedAddress }),
  });
  try {
    await core.start();
  } catch (error) {
    sessions.stop();
    await endpoint.close();
    await core.stop();
    throw error;
  }
  // One that was killed between a commissioning and the broker's files has left them behind.
  options.brokerCredentials.renew();
  const stopWatching = watchStuckStatements({ database, clock, log });
  const stop = async (): Promise<void> => {
    sessions.stop();
    stopWatching();
    await core.stop();
  };
  return { core, endpoint, sdl: emitSdl(schema), observations, stop };
}
