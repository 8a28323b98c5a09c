import { createHmac } from "node:crypto";
import { DoorEvents } from "../access/events/index.ts";
import { LockInvolvement } from "../access/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { HubCore } from "./core.ts";

/** The door events of a hub. Pseudonyms come from the sealing key, which all hubs of an installation share. */
export function createDoorEvents(core: HubCore, clock: Clock, sealingKey: Uint8Array): DoorEvents {
  const { database, index, directory } = core;
  const pseudonymSecret = createHmac("sha256", sealingKey).update("pseudonym", "utf8").digest("base64url");
  const involvement = new LockInvolvement(index, clock);
  return new DoorEvents({ database, clock, index, directory, involvement, pseudonymSecret });
}
