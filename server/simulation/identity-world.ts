import { generateKeyPairSync, createHash, sign, type KeyObject } from "node:crypto";
import { credential, department, person, tenant } from "@portner/drizzle";
import { z } from "zod";
import { createAuthenticate, Passwords, SessionIndex, TokenUse, type SessionDeps } from "../identity/index.ts";
import { JournalTail } from "../journal/index.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { systemClock } from "../kernel/clock.ts";
import { migratedDatabase, type MigratedDatabase } from "./database.ts";
import { ManualClock } from "./manual-clock.ts";

/** A phone of the test: its credential and the key in its hands. */
export interface TestPhone {
  readonly credential: number;
  readonly publicId: string;
  readonly person: number;
  /** A department of its own, so that a block on it hits nobody else. */
  readonly department: number;
  readonly key: KeyObject;
}

/** Identity on a real database, with a tail that follows it and a clock that the test moves. */
export interface IdentityWorld {
  readonly db: MigratedDatabase;
  readonly clock: ManualClock;
  readonly deps: SessionDeps & { readonly passwords: Passwords };
  readonly tail: JournalTail;
  readonly sessions: SessionIndex;
  readonly authenticate: ReturnType<typeof createAuthenticate>;
  readonly tenant: number;
  readonly department: number;
  addPhone(): Promise<TestPhone>;
  stop(): Promise<void>;
}

const Jwk = z.object({ x: z.string() });

function sole<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new InvariantError("nothing was inserted");
  return row;
}

interface Town {
  readonly db: MigratedDatabase;
  readonly clock: ManualClock;
  readonly tenant: number;
}

async function addTenant(db: MigratedDatabase): Promise<number> {
  const values = { publicId: newId(systemRandom), name: "Fjordby", timeZone: "Europe/Copenhagen" };
  const made = await db.database.tables
    .insert(tenant)
    .values({ ...values, remoteOpen: "twoPersons" })
    .returning();
  return sole(made).id;
}

async function addDepartment(town: Town): Promise<number> {
  const ids = { publicId: newId(systemRandom), externalId: newId(systemRandom), tenant: town.tenant };
  const made = await town.db.database.tables
    .insert(department)
    .values({ ...ids, name: "Home care", kind: "homeCare" })
    .returning();
  return sole(made).id;
}

async function addPhone(town: Town): Promise<TestPhone> {
  const { tables } = town.db.database;
  const unit = await addDepartment(town);
  const keys = generateKeyPairSync("ed25519");
  const who = { publicId: newId(systemRandom), externalId: newId(systemRandom), name: "Karen", profession: "SSH" };
  const holder = sole(
    await tables
      .insert(person)
      .values({ ...who, tenant: town.tenant, department: unit })
      .returning(),
  );
  const publicKey = Buffer.from(Jwk.parse(keys.publicKey.export({ format: "jwk" })).x, "base64url");
  const device = { publicId: newId(systemRandom), tenant: town.tenant, person: holder.id, form: "phone" } as const;
  const validFrom = new Date(town.clock.now() - 1_000);
  const made = sole(
    await tables
      .insert(credential)
      .values({ ...device, model: "X", publicKey, validFrom })
      .returning(),
  );
  const { id, publicId } = made;
  return { credential: id, publicId, person: holder.id, department: unit, key: keys.privateKey };
}

/** Starts one; `tailDelayMs` holds the tail back as on a hub that lags. */
export async function startIdentityWorld(tailDelayMs: () => number = () => 0): Promise<IdentityWorld> {
  const db = await migratedDatabase();
  const clock = new ManualClock(Date.now());
  const town: Town = { db, clock, tenant: await addTenant(db) };
  const home = await addDepartment(town);
  const passwords = new Passwords();
  const deps = { database: db.database, hub: newId(systemRandom), clock, random: systemRandom, passwords };
  const tail = new JournalTail(
    { sql: db.database.raw, clock: systemClock, log: silentLog, delayMs: tailDelayMs },
    { epoch: 1, sequence: 0 },
  );
  const sessions = new SessionIndex({ database: db.database, clock, ageMs: () => tail.ageMs() });
  tail.onBatch(sessions.apply);
  tail.start();
  const tokenUse = new TokenUse({ database: db.database, clock, log: silentLog });
  return {
    db,
    clock,
    deps,
    tail,
    sessions,
    authenticate: createAuthenticate({ sessions, tokenUse, clock }),
    tenant: town.tenant,
    department: home,
    addPhone: () => addPhone(town),
    stop: async () => {
      sessions.stop();
      await tail.stop();
      await db.drop();
    },
  };
}

/** Signs claims as a device does. */
export function signClaims(key: KeyObject, purpose: string, claims: object): string {
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${sign(null, Buffer.from(`${purpose}.${text}`), key).toString("base64url")}`;
}

/** The proof of a request. */
export function requestProof(key: KeyObject, token: string, iat: number, body: string | Uint8Array = ""): string {
  const digest = (of: string | Uint8Array): string => createHash("sha256").update(of).digest("base64url");
  return signClaims(key, "proof", { iat, ath: digest(token), bd: digest(body) });
}
