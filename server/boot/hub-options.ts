import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import type { Disturbance } from "./core.ts";
import type { Dashboard } from "./dashboard.ts";
import type { ListenOptions } from "./http.ts";

/** Makes known to the broker who may connect as a lock. */
export interface BrokerCredentials {
  /** Resolves when the broker accepts the lock. */
  add(lock: { readonly lockId: string; readonly tenantId: string; readonly secretDigest: Uint8Array }): Promise<void>;
  /** Resolves when the broker lets nobody in as this lock any more, whose unit has left. */
  remove(lock: { readonly lockId: string; readonly tenantId: string }): Promise<void>;
  /** Locks may have come or gone at another hub, or while this one was away: soon the broker knows them all. */
  renew(): void;
}

/** What a hub process is started with. */
export interface HubOptions {
  readonly version: string;
  readonly databaseUrl: string;
  readonly broker: {
    readonly url: string;
    readonly user: string;
    readonly secret: string;
    readonly ca?: string | undefined;
  };
  /** The broker's address that commissioned locks are given. */
  readonly brokerPublicUrl: string;
  readonly brokerCredentials: BrokerCredentials;
  /** 32 bytes that seal the tenants' keys. */
  readonly sealingKey: Uint8Array;
  readonly listen: ListenOptions;
  /** Pages for people; absent: none are served. */
  readonly dashboard?: Dashboard | undefined;
  /** Whether a proxy in front speaks https. */
  readonly trustProxy: boolean;
  readonly allowedOrigins: readonly string[];
  /** Every caller's limits times this; 1 where absent. */
  readonly rateLimitFactor?: number | undefined;
  readonly migrateOnBoot: boolean;
  readonly log: Log;
  readonly machineClock: Clock;
  readonly random: Random;
  /** Heartbeat of locks in milliseconds; the contract's default where absent. */
  readonly heartbeatMs?: number | undefined;
  /** Deliberate trouble, for tests only. */
  readonly disturbance?: Disturbance | undefined;
}
