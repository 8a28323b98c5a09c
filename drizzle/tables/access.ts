import { bigint, index, integer, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";
import { instant, key, publicId } from "../columns.ts";
import { lockUnit } from "./locks.ts";
import { path } from "./places.ts";
import { person } from "./people.ts";
import { tenant } from "./tenants.ts";

/** A key bundle: paths that a group of staff may open. */
export const bundle = pgTable(
  "bundle",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    externalId: text().notNull(),
    name: text().notNull(),
  },
  (table) => [unique().on(table.tenant, table.externalId)],
);

/** Which paths a bundle opens. */
export const bundlePath = pgTable(
  "bundle_path",
  {
    bundle: integer()
      .notNull()
      .references(() => bundle.id),
    path: integer()
      .notNull()
      .references(() => path.id),
  },
  (table) => [primaryKey({ columns: [table.bundle, table.path] }), index().on(table.path)],
);

/** A person's membership of a bundle, from ≤ t < until. Never deleted: it ends. */
export const membership = pgTable(
  "membership",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    person: integer()
      .notNull()
      .references(() => person.id),
    bundle: integer()
      .notNull()
      .references(() => bundle.id),
    validFrom: instant().notNull(),
    validUntil: instant(),
  },
  (table) => [index().on(table.person), index().on(table.bundle)],
);

/** A block on a subject. Never changed; a lift names it. */
export const block = pgTable(
  "block",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    subjectType: text({ enum: ["credential", "person", "department", "provider", "bundle"] }).notNull(),
    subject: integer().notNull(),
    placedAt: instant().notNull(),
    placedBy: integer(),
    denyUntil: instant().notNull(),
  },
  (table) => [index().on(table.subjectType, table.subject)],
);

/** The lift of one block. */
export const blockLift = pgTable("block_lift", {
  block: integer()
    .primaryKey()
    .references(() => block.id),
  liftedAt: instant().notNull(),
  liftedBy: integer(),
});

/** How far each unit has proven the deny list; a board that replaces another has proven nothing. */
export const denyProof = pgTable("deny_proof", {
  unit: integer()
    .primaryKey()
    .references(() => lockUnit.id),
  version: bigint({ mode: "number" }).notNull(),
  digest: text().notNull(),
  provenAt: instant().notNull(),
});
