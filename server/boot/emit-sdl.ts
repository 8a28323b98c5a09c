/** Writes `schema/graphql/schema.graphql` from the server's own schema, put together over an empty database. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { emitSdl } from "../graphql/sdl.ts";
import { systemClock } from "../kernel/clock.ts";
import { silentLog } from "../kernel/log.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { offlineSchema } from "./offline-schema.ts";

const TARGET = fileURLToPath(new URL("../../schema/graphql/schema.graphql", import.meta.url));

const folder = await mkdtemp(join(tmpdir(), "portner-sdl-"));
const postgres = await startEmbeddedPostgres({ folder, clock: systemClock, log: silentLog });
await writeFile(TARGET, emitSdl(await offlineSchema(postgres.url)));
await postgres.stop();
await rm(folder, { recursive: true, force: true });
process.exit(0);
