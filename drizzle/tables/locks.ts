import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { bytes, instant, key, publicId } from "../columns.ts";
import { lock } from "./places.ts";
import { tenant } from "./tenants.ts";

/** One commissioning of a lock: a board with its own key pair. A swapped board is another unit. */
export const lockUnit = pgTable(
  "lock_unit",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    lock: integer()
      .notNull()
      .references(() => lock.id),
    claimDigest: text().notNull(),
    /** Nonces of the proofs that this claim was answered to, so that none is answered twice. */
    claimNonces: text().array().notNull().default([]),
    publicKey: bytes().notNull(),
    brokerSecretDigest: bytes().notNull(),
    model: text().notNull(),
    firmware: text().notNull(),
    /** Version of the unit's `cfg` document; rises whenever its content does. */
    configVersion: integer().notNull().default(0),
    configDigest: text(),
    commissionedAt: instant().notNull().defaultNow(),
    decommissionedAt: instant(),
    quarantinedAt: instant(),
    quarantineCause: text(),
  },
  (table) => [index().on(table.lock)],
);

/** How far each boot of a unit is committed without a gap. */
export const lockBoot = pgTable(
  "lock_boot",
  {
    unit: integer()
      .notNull()
      .references(() => lockUnit.id),
    boot: integer().notNull(),
    contiguousSequence: bigint({ mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.boot] })],
);

/**
 * The last known state of each unit, restored when a hub starts; every fact with its own age. Keyed by unit, because what
 * one board reported says nothing about the board that replaces it.
 */
export const lockBoard = pgTable("lock_board", {
  unit: integer()
    .primaryKey()
    .references(() => lockUnit.id),
  /** Journal number of the newest event in it. */
  sequence: bigint({ mode: "number" }).notNull(),
  state: jsonb().notNull(),
  telemetry: jsonb(),
  heardAt: instant(),
});

/** Messages that made no sense, kept for inspection; bounded a lock. */
export const quarantinedMessage = pgTable(
  "quarantined_message",
  {
    id: key(),
    tenant: integer().references(() => tenant.id),
    lock: integer().references(() => lock.id),
    channel: text().notNull(),
    fault: text().notNull(),
    payload: bytes().notNull(),
    bytes: integer().notNull(),
    receivedAt: instant().notNull(),
  },
  (table) => [index().on(table.lock, table.id), index().on(table.receivedAt)],
);

/** One request to open: a lock, or a path as one. Made by the journal's record function. */
export const operation = pgTable(
  "operation",
  {
    id: uuid().primaryKey(),
    tenant: integer().notNull(),
    path: integer(),
    credential: integer(),
    person: integer(),
    /** The account that asked, where it was asked from a dashboard. */
    account: integer(),
    /** `phone` with the credential's own rights, or `remote` for somebody else. */
    via: text({ enum: ["phone", "remote", "door"] }).notNull(),
    locks: integer().array().notNull(),
    skippedDoors: integer().array().notNull(),
    outcome: text({ enum: ["running", "complete", "partial", "denied"] }).notNull(),
    stoppedAt: integer(),
    sequence: bigint({ mode: "number" }).notNull(),
    createdAt: instant().notNull(),
  },
  // Every hub asks every few seconds what is still running, and what ended in part lately.
  (table) => [index().on(table.tenant, table.sequence), index().on(table.outcome, table.createdAt)],
);

/** One command to one lock (W6). Its state is what its journal entries say; the row only spares reading them. */
export const command = pgTable(
  "command",
  {
    id: uuid().primaryKey(),
    operation: uuid().notNull(),
    position: integer().notNull(),
    tenant: integer().notNull(),
    lock: integer().notNull(),
    unit: integer().notNull(),
    op: text().notNull(),
    credential: integer(),
    state: text().notNull(),
    detail: text(),
    settled: boolean().notNull().default(false),
    decidedAt: instant().notNull(),
    expiresAt: instant().notNull(),
    sequence: bigint({ mode: "number" }).notNull(),
  },
  (table) => [index().on(table.operation), index("command_unsettled").on(table.expiresAt)],
);
