import { sql } from "drizzle-orm";
import { boolean, index, integer, pgTable, text, unique } from "drizzle-orm/pg-core";
import { bytes, instant, key, publicId } from "../columns.ts";
import { district, tenant } from "./tenants.ts";

/** A department of a municipality: home care of a district, night watch, nursing, hotline, depot … */
export const department = pgTable(
  "department",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    externalId: text().notNull(),
    name: text().notNull(),
    kind: text().notNull(),
    district: integer().references(() => district.id),
    ean: text(),
    /** false: a contractor's people, an installer for example. */
    ownStaff: boolean().notNull().default(true),
  },
  (table) => [unique().on(table.tenant, table.externalId)],
);

/** A private provider of home care. */
export const provider = pgTable(
  "provider",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    externalId: text().notNull(),
    name: text().notNull(),
    contractEnd: instant(),
  },
  (table) => [unique().on(table.tenant, table.externalId)],
);

/** An individual employee or temp, of a department or of a provider. The external id is the care system's user id. */
export const person = pgTable(
  "person",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    externalId: text().notNull(),
    /** The user id as a search compares it: letters and digits, in capitals. */
    plainId: text()
      .notNull()
      .generatedAlwaysAs(sql`upper(regexp_replace(external_id, '[^[:alnum:]]', '', 'g'))`),
    name: text().notNull(),
    /** The name as a search compares it. */
    folded: text().notNull().default(""),
    profession: text().notNull(),
    /** Roles that an account of this person gets, by the letters of the permission matrix. */
    roles: text().array().notNull().default(["E"]),
    department: integer().references(() => department.id),
    provider: integer().references(() => provider.id),
    active: boolean().notNull().default(true),
    /** When the person was closed in the hub itself: no import makes such a person active again. */
    closedAt: instant(),
  },
  (table) => [unique().on(table.tenant, table.externalId), index().on(table.department), index().on(table.provider)],
);

/** A phone, tablet or smartkey of one person. A raised generation is another credential to every lock. */
export const credential = pgTable(
  "credential",
  {
    id: key(),
    publicId: publicId(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    person: integer()
      .notNull()
      .references(() => person.id),
    form: text({ enum: ["phone", "tablet", "smartkey"] }).notNull(),
    model: text().notNull(),
    /** Ed25519 public key of the device, 32 raw bytes. */
    publicKey: bytes().notNull(),
    generation: integer().notNull().default(1),
    validFrom: instant().notNull(),
    validUntil: instant(),
    createdAt: instant().notNull().defaultNow(),
  },
  (table) => [index().on(table.person), unique().on(table.publicKey)],
);

/** A one-time code with which a coordinator lets a person enrol a phone. */
export const enrolmentCode = pgTable(
  "enrolment_code",
  {
    id: key(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    person: integer()
      .notNull()
      .references(() => person.id),
    digest: bytes().notNull().unique(),
    issuedAt: instant().notNull().defaultNow(),
    expiresAt: instant().notNull(),
    usedAt: instant(),
    credential: integer().references(() => credential.id),
  },
  (table) => [index().on(table.expiresAt)],
);
