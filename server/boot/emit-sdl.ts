/** Writes `schema/graphql/schema.graphql` from the server's own schema, put together over an empty database. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { emitSdl } from "../graphql/sdl.ts";
import { createEndSessions, Passwords, SessionIndex } from "../identity/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { createHubClock } from "../kernel/hub-clock.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { createSealing, SEALING_KEY_BYTES } from "../kernel/sealing.ts";
import { loadCore } from "./core.ts";
import { createDoorEvents } from "./door-events.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { createSchema } from "./schema.ts";

const TARGET = fileURLToPath(new URL("../../schema/graphql/schema.graphql", import.meta.url));

const folder = await mkdtemp(join(tmpdir(), "portner-sdl-"));
const postgres = await startEmbeddedPostgres({ folder, clock: systemClock, log: silentLog });
const clock = createHubClock(systemClock);
const sealingKey = systemRandom.bytes(SEALING_KEY_BYTES);
const core = await loadCore({
  hub: newId(systemRandom),
  version: "sdl",
  databaseUrl: postgres.url,
  // Nobody listens there; the schema needs no broker.
  broker: { url: "mqtt://127.0.0.1:9", user: "hub-of-nobody", secret: "none" },
  sealing: createSealing(sealingKey, systemRandom),
  clock,
  machineClock: systemClock,
  random: systemRandom,
  log: silentLog,
  migrateOnBoot: true,
});
const sessions = new SessionIndex({ database: core.database, clock, ageMs: () => Number.POSITIVE_INFINITY });
const schema = createSchema({
  core,
  events: createDoorEvents(core, clock, sealingKey),
  clock,
  random: systemRandom,
  log: silentLog,
  sessions,
  passwords: new Passwords(),
  endSessions: createEndSessions(clock),
  brokerUrl: "mqtt://127.0.0.1:9",
  brokerCredentials: { add: () => Promise.resolve() },
});
await writeFile(TARGET, emitSdl(schema));
sessions.stop();
await core.connection.stop();
await core.database.close();
await postgres.stop();
await rm(folder, { recursive: true, force: true });
process.exit(0);
