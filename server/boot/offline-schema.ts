import type { GraphQLSchema } from "graphql";
import { createEndSessions, Passwords, SessionIndex } from "../identity/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { createHubClock } from "../kernel/hub-clock.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { createSealing, SEALING_KEY_BYTES } from "../kernel/sealing.ts";
import { loadCore } from "./core.ts";
import { createDoorEvents } from "./door-events.ts";
import { createSchema } from "./schema.ts";

/** Nobody listens there; the schema needs no broker. */
const NO_BROKER = "mqtt://127.0.0.1:9";

/** The server's own schema, put together over an empty database as a hub puts it together, to be looked at only. */
export async function offlineSchema(databaseUrl: string): Promise<GraphQLSchema> {
  const clock = createHubClock(systemClock);
  const sealingKey = systemRandom.bytes(SEALING_KEY_BYTES);
  const core = await loadCore({
    hub: newId(systemRandom),
    version: "sdl",
    databaseUrl,
    broker: { url: NO_BROKER, user: "hub-of-nobody", secret: "none" },
    sealing: createSealing(sealingKey, systemRandom),
    clock,
    machineClock: systemClock,
    random: systemRandom,
    log: silentLog,
    migrateOnBoot: true,
  });
  const sessions = new SessionIndex({ database: core.database, clock, ageMs: () => Number.POSITIVE_INFINITY });
  try {
    return createSchema({
      core,
      events: createDoorEvents(core, clock, sealingKey),
      clock,
      random: systemRandom,
      log: silentLog,
      sessions,
      passwords: new Passwords(),
      endSessions: createEndSessions(clock),
      brokerUrl: NO_BROKER,
      brokerCredentials: { add: () => Promise.resolve(), remove: () => Promise.resolve(), renew: () => undefined },
    });
  } finally {
    sessions.stop();
    await core.connection.stop();
    await core.database.close();
  }
}
