import { Boot, ConfigMessage, DenyEntry, Identifier, Instant, PublicKey, Sequence } from "@portner/schema/mqtt";
import { z } from "zod";
import { KeyPair } from "./keys.ts";

/** What a unit is told when it is commissioned. */
export const Commission = z.strictObject({
  tenant: Identifier,
  lock: Identifier,
  unit: Identifier,
  brokerUrl: z.url({ protocol: /^mqtts?$/ }),
  brokerSecret: z.string().min(1).max(256),
  rootKey: z.strictObject({ kid: Identifier, key: PublicKey }),
  telemetryKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
/** See {@link Commission}. */
export type Commission = z.infer<typeof Commission>;

const EventShape = z.looseObject({ boot: Boot, seq: Sequence, at: Instant, clock: z.unknown() });

/** An event as the ring keeps it, its fields in the order they were written; the rest of it is checked when it is signed. */
export const StoredEvent = z.custom<z.infer<typeof EventShape>>((value) => EventShape.safeParse(value).success);
/** See {@link StoredEvent}. */
export type StoredEvent = z.infer<typeof StoredEvent>;

/** Events that were overwritten before they were acknowledged: `from`..`seq` of one boot. */
export const LostRange = z.strictObject({
  boot: Boot,
  from: Sequence,
  seq: Sequence,
  at: Instant,
  clock: z.unknown(),
});
/** See {@link LostRange}. */
export type LostRange = z.infer<typeof LostRange>;

/** The merged deny list. `overflowed`: a document did not fit, so the list is not complete. */
export const DenyList = z.strictObject({
  version: z.int().min(0),
  entries: z.array(DenyEntry),
  overflowed: z.boolean(),
});
/** See {@link DenyList}. */
export type DenyList = z.infer<typeof DenyList>;

/** Everything that is ever written to a lock's flash: one kind of record a fact. */
export const FlashRecord = z.discriminatedUnion("t", [
  z.strictObject({ t: z.literal("key"), pair: KeyPair }),
  z.strictObject({ t: z.literal("commission"), commission: Commission }),
  z.strictObject({ t: z.literal("boot"), event: StoredEvent }),
  z.strictObject({ t: z.literal("event"), event: StoredEvent }),
  z
    .strictObject({ t: z.literal("use"), id: Identifier, iat: Instant, floor: Instant, event: StoredEvent })
    .describe(
      "A command id is used, and its `accepted` event: one record, so that neither is there without the other.",
    ),
  z.strictObject({ t: z.literal("ack"), boot: Boot, seq: z.int().min(0) }),
  z.strictObject({ t: z.literal("cfg"), compact: z.string(), message: ConfigMessage }),
  z.strictObject({ t: z.literal("deny"), list: DenyList }),
  z.strictObject({ t: z.literal("time"), floor: Instant }),
  z
    .strictObject({
      t: z.literal("resume"),
      boot: z.int().min(0),
      seq: z.int().min(0),
      floor: Instant,
      timeFloor: Instant,
      used: z.array(z.tuple([Identifier, Instant])),
      lost: z.array(LostRange),
    })
    .describe("Last record of a rewritten log, for what no other record says."),
]);
/** See {@link FlashRecord}. */
export type FlashRecord = z.infer<typeof FlashRecord>;
