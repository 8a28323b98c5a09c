import { bigint, boolean, index, integer, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { bytes, instant, key, publicId } from "../columns.ts";
import { credential, department, person, provider } from "./people.ts";
import { tenant } from "./tenants.ts";

/** An individual's account for the dashboard. There are no shared accounts. */
export const account = pgTable("account", {
  id: key(),
  publicId: publicId(),
  tenant: integer()
    .notNull()
    .references(() => tenant.id),
  person: integer().references(() => person.id),
  login: text().notNull().unique(),
  name: text().notNull(),
  passwordHash: text().notNull(),
  active: boolean().notNull().default(true),
});

/** A role of an account, within a department or a provider where the role is scoped to one. */
export const accountRole = pgTable(
  "account_role",
  {
    account: integer()
      .notNull()
      .references(() => account.id),
    role: text().notNull(),
    department: integer().references(() => department.id),
    provider: integer().references(() => provider.id),
  },
  (table) => [primaryKey({ columns: [table.account, table.role] })],
);

/** A server-side session: of an account on a dashboard, or of a credential on a phone. */
export const session = pgTable(
  "session",
  {
    id: key(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    form: text({ enum: ["dashboard", "phone"] }).notNull(),
    account: integer().references(() => account.id),
    credential: integer().references(() => credential.id),
    tokenDigest: bytes().notNull().unique(),
    createdAt: instant().notNull(),
    expiresAt: instant().notNull(),
    endedAt: instant(),
    /** When the device signed the proof that this session was given for; a proof is good for one. */
    provenAt: instant(),
  },
  (table) => [
    index().on(table.account, table.createdAt),
    index().on(table.credential, table.createdAt),
    index().on(table.expiresAt),
    unique().on(table.credential, table.provenAt),
  ],
);

/**
 * Secrets with which logins are digested in the journal, one a period. The journal keeps the digests for ever; once the
 * secret is deleted nobody can tell whose they were.
 */
export const loginKey = pgTable("login_key", {
  period: integer().primaryKey(),
  secret: bytes().notNull(),
  createdAt: instant().notNull(),
});

/** Refused sign-ins, for the throttle; by digest of the login, so that a mistyped password leaks nothing. */
export const signInFailure = pgTable(
  "sign_in_failure",
  {
    id: key(),
    loginDigest: text().notNull(),
    /** Stands for the network that it came from. */
    networkDigest: text().notNull().default(""),
    at: instant().notNull(),
  },
  (table) => [index().on(table.loginDigest, table.at), index().on(table.at)],
);

/** An integrator's token: `ptn_…`, stored as SHA-256. */
export const apiToken = pgTable("api_token", {
  id: key(),
  publicId: publicId(),
  tenant: integer()
    .notNull()
    .references(() => tenant.id),
  name: text().notNull(),
  digest: bytes().notNull().unique(),
  scopes: text().array().notNull(),
  createdAt: instant().notNull(),
  expiresAt: instant().notNull(),
  lastUsedAt: instant(),
  revokedAt: instant(),
});

/** Hubs that work on this database, by the process. */
export const hub = pgTable("hub", {
  id: uuid().primaryKey(),
  startedAt: instant().notNull(),
  seenAt: instant().notNull(),
  version: text().notNull(),
  /** Journal number that the hub's index has applied. */
  appliedSequence: bigint({ mode: "number" }).notNull().default(0),
});
