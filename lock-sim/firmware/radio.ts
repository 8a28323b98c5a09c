import type { LockChannel } from "@portner/schema/mqtt";

/** What the firmware can do with its network: try to send, now. Nothing is kept for later here. */
export interface Radio {
  /** Sends on a channel of this lock; `false` when there is no connection. */
  publish(channel: LockChannel, payload: Uint8Array): boolean;
  /** Received signal strength, −130…0 dBm. */
  rssiDbm(): number;
}
