import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { wallTime } from "../clock.ts";

/** Entries of one batch, as a busy hub commits them. */
const BATCH_ENTRIES = 64;

/** Another hub that commits what doors say. */
export interface OtherHub {
  /** Commits so many door events of one lock. */
  commit(events: number): Promise<void>;
  end(): Promise<void>;
}

/** Commits door events as a further hub of the installation would, so that the measured one has but to tell of them. */
export async function startOtherHub(databaseUrl: string): Promise<OtherHub> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  const hub = randomUUID();
  const [lock] = await sql<{ id: number; tenant: number }[]>`SELECT id, tenant FROM lock ORDER BY id LIMIT 1`;
  let sequence = 1_000_000;
  const item = () => {
    sequence += 1;
    const data = {
      boot: 1,
      sequence,
      clockTrusted: true,
      clockErrorMs: 0,
      door: sequence % 2 === 0 ? "open" : "closed",
    };
    const entry = { entry_id: randomUUID(), tenant: lock?.tenant, lock: lock?.id, occurred_at: wallTime(), data };
    return { entries: [{ ...entry, kind: "lock.door", version: 1, effect: "neutral", rules_version: 1 }], rows: {} };
  };
  return {
    commit: async (events) => {
      for (let left = events; left > 0; left -= BATCH_ENTRIES) {
        const items = JSON.stringify(Array.from({ length: Math.min(left, BATCH_ENTRIES) }, item));
        await sql`SELECT * FROM journal_record(${hub}, ${items}::text::jsonb)`;
      }
    },
    end: () => sql.end(),
  };
}
