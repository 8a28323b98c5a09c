import { customType, integer, text, timestamp } from "drizzle-orm/pg-core";

/** A row's internal integer key; never shown outside the hub. */
export const key = () => integer().primaryKey().generatedAlwaysAsIdentity();

/** A row's public identity: random, opaque, safe in topics and URLs. */
export const publicId = () => text().notNull().unique();

/** An instant with its time zone kept as UTC. */
export const instant = () => timestamp({ withTimezone: true, mode: "date" });

/** Bytes: digests, keys and sealed secrets. */
export const bytes = customType<{ data: Uint8Array; driverData: Buffer | Uint8Array }>({
  dataType: () => "bytea",
  toDriver: (value) => Buffer.from(value),
  fromDriver: (value) => new Uint8Array(value),
});
