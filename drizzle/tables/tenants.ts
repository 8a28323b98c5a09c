import { boolean, integer, pgTable, text, unique } from "drizzle-orm/pg-core";
import { bytes, instant, key, publicId } from "../columns.ts";

/** A municipality. */
export const tenant = pgTable("tenant", {
  id: key(),
  publicId: publicId(),
  name: text().notNull(),
  timeZone: text().notNull(),
  /** EAN of the central administration. */
  ean: text(),
  /** Telephone number of the hotline (E.164). */
  hotlinePhone: text(),
  remoteOpen: text({ enum: ["off", "onePerson", "twoPersons"] }).notNull(),
  /** Professions that open only within a planned visit. */
  visitOnly: text().array().notNull().default([]),
  /** Validity of a smartkey's permit, 1–72 hours. */
  permitHours: integer().notNull().default(72),
  /** Whether the tenant was made by the demo; `serve` refuses such a database. */
  demo: boolean().notNull().default(false),
  createdAt: instant().notNull().defaultNow(),
});

/** A tenant's keys by purpose. Secrets are sealed with the hub's own key and never leave the hub. */
export const tenantKey = pgTable("tenant_key", {
  id: key(),
  tenant: integer()
    .notNull()
    .references(() => tenant.id),
  purpose: text({ enum: ["root", "command", "permit", "telemetry"] }).notNull(),
  kid: text().notNull().unique(),
  publicKey: bytes(),
  sealedSecret: bytes().notNull(),
  createdAt: instant().notNull().defaultNow(),
  retiredAt: instant(),
});

/** Deviations of one tenant from the default permission matrix. */
export const tenantRule = pgTable(
  "tenant_rule",
  {
    id: key(),
    tenant: integer()
      .notNull()
      .references(() => tenant.id),
    operation: text().notNull(),
    role: text().notNull(),
    rule: text().notNull(),
  },
  (table) => [unique().on(table.tenant, table.operation, table.role)],
);

/** A district of a municipality. */
export const district = pgTable(
  "district",
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
