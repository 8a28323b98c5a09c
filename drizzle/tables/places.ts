import { boolean, index, integer, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";
import { instant, key, publicId } from "../columns.ts";
import { district, tenant } from "./tenants.ts";

/** A housing company that must allow a lock on its stairwell. */
export const housingCompany = pgTable(
  "housing_company",
  {
    id: key(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    externalId: text().notNull(),
    name: text().notNull(),
  },
  (table) => [unique().on(table.tenant, table.externalId)],
);

/** An address as people say it; `folded` is what a search compares. */
export const address = pgTable(
  "address",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    externalId: text().notNull(),
    street: text().notNull(),
    number: text().notNull(),
    floor: text(),
    side: text(),
    postalCode: text().notNull(),
    city: text().notNull(),
    district: integer().references(() => district.id),
    folded: text().notNull(),
  },
  (table) => [unique().on(table.tenant, table.externalId), index().on(table.tenant, table.folded)],
);

/** A citizen who receives care at home. Looking one up needs a purpose and is journalled. */
export const citizen = pgTable(
  "citizen",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    externalId: text().notNull(),
    name: text().notNull(),
    folded: text().notNull(),
    entryReason: text().notNull(),
    emergencyCall: boolean().notNull(),
    address: integer()
      .notNull()
      .references(() => address.id),
  },
  (table) => [unique().on(table.tenant, table.externalId), index().on(table.address)],
);

/** A door on the way to a citizen: gate, stairwell or flat. */
export const door = pgTable(
  "door",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    externalId: text().notNull(),
    kind: text({ enum: ["gate", "stairwell", "flat"] }).notNull(),
    address: integer()
      .notNull()
      .references(() => address.id),
    housingCompany: integer().references(() => housingCompany.id),
  },
  (table) => [unique().on(table.tenant, table.externalId), index().on(table.address)],
);

/** The path to a citizen: the doors from the street inwards, opened, watched and diagnosed as one. */
export const path = pgTable(
  "path",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    externalId: text().notNull(),
    citizen: integer()
      .notNull()
      .references(() => citizen.id),
  },
  (table) => [unique().on(table.tenant, table.externalId), index().on(table.citizen)],
);

/** A door's place on a path; 0 is at the street. */
export const pathDoor = pgTable(
  "path_door",
  {
    path: integer()
      .notNull()
      .references(() => path.id),
    position: integer().notNull(),
    door: integer()
      .notNull()
      .references(() => door.id),
  },
  (table) => [primaryKey({ columns: [table.path, table.position] }), index().on(table.door)],
);

/** A place for a lock on a door, with the legal ground it stands on. Units come and go; the lock stays. */
export const lock = pgTable(
  "lock",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    serial: text().notNull().unique(),
    model: text().notNull(),
    door: integer()
      .notNull()
      .unique()
      .references(() => door.id),
    legalBasis: text().notNull(),
    consentReference: text().notNull(),
    consentAt: instant().notNull(),
    /** SHA-256 of the one-time claim; null once used. */
    claimDigest: text(),
  },
  (table) => [index().on(table.tenant)],
);
