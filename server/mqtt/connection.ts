import type { Clock, Instant } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import { ok } from "../kernel/result.ts";
import type { Result } from "../kernel/result.ts";
import { HUB_FILTERS } from "./access-rules.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { BrokerEndpoint, EndpointFailure } from "./endpoint.ts";
import { openLink } from "./link.ts";
import type { Link, LinkLoss, RawMessage, RawPublish } from "./link.ts";

/** First pause before dialling again, doubled up to the maximum. */
const RECONNECT_MS_MIN = 250;
/** A broker that came back is found within this; a hub is one client, so it need not be shy. */
const RECONNECT_MS_MAX = 5_000;
/** A link that held this long was a good one: the next pause starts small again. */
const STEADY_AFTER_MS = 10_000;

/** Far above what a hub has unconfirmed in a busy second, far below MQTT's 65,535 message ids. */
const UNCONFIRMED_MAX = 10_000;

/** Whether the hub hears and is heard, and since when. */
export type ConnectionState =
  | { readonly status: "connected"; readonly since: Instant }
  | { readonly status: "disconnected"; readonly since: Instant; readonly reason: LinkLoss | "STARTING" | "STOPPED" };

/**
 * What became of a message. `sent`: the broker has it. `offline`: it never left this process and never will.
 * `timeout`: it was handed to the line but not confirmed in time, or the line broke; it may still arrive.
 */
export type PublishOutcome = "sent" | "offline" | "timeout";

export type ConnectionOptions = {
  /** `mqtt://` (loopback only) or `mqtts://`, without credentials. */
  readonly url: string;
  /** User name and client id, of this process alone: a second one by the same name throws the first out. */
  readonly user: string;
  readonly secret: string;
  /** PEM of the authority that signed the broker's certificate, when the machine does not know it. */
  readonly ca?: string;
  /** Called for every message, at once and in order; must not throw. */
  readonly onMessage: (message: RawMessage) => void;
  /** Default: everything that a hub hears. */
  readonly filters?: readonly string[];
};

type ConnectionDeps = { readonly clock: Clock; readonly random: Random; readonly log: Log };

/** A hub's connection to the broker: dials until stopped, hears everything, and never keeps a message for later. */
export class BrokerConnection {
  readonly #deps: ConnectionDeps;
  readonly #dial: (events: Parameters<typeof openLink>[1]) => Link;
  readonly #onMessage: (message: RawMessage) => void;
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  readonly #unconfirmed = new Set<() => void>();
  #state: ConnectionState;
  #link: Link | undefined;
  #pauseMs = RECONNECT_MS_MIN;
  #made = 0;
  #cancelDial: () => void = () => undefined;
  #stopped = false;

  constructor(endpoint: BrokerEndpoint, options: ConnectionOptions, deps: ConnectionDeps) {
    const { user, secret, ca, filters = HUB_FILTERS } = options;
    this.#deps = deps;
    this.#onMessage = options.onMessage;
    this.#state = { status: "disconnected", since: deps.clock.now(), reason: "STARTING" };
    this.#dial = (events) => openLink({ endpoint, user, secret, filters, ...(ca !== undefined && { ca }) }, events);
    this.#open();
  }

  /** Connections made so far, all subscriptions granted. */
  get made(): number {
    return this.#made;
  }

  /** The state now. */
  state(): ConnectionState {
    return this.#state;
  }

  /** Calls the listener at every change of state; the returned function ends that. */
  onState(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Calls the hook each time the hub is connected anew, all subscriptions granted; that is when retained documents are
   * laid again, since a restarted broker has none. Called at once when connected already.
   */
  onConnected(hook: () => void): () => void {
    if (this.#state.status === "connected") hook();
    return this.onState((state) => {
      if (state.status === "connected") hook();
    });
  }

  /** Publishes at QoS 1 if connected now, and never later. Resolves within the deadline, never rejects. */
  publish(message: RawPublish, deadlineMs: number): Promise<PublishOutcome> {
    const link = this.#state.status === "connected" ? this.#link : undefined;
    if (link === undefined || this.#unconfirmed.size >= UNCONFIRMED_MAX) return Promise.resolve("offline");
    return new Promise((resolve) => {
      const settle = (outcome: PublishOutcome): void => {
        cancel();
        this.#unconfirmed.delete(giveUp);
        resolve(outcome);
      };
      const giveUp = (): void => settle("timeout");
      const cancel = this.#deps.clock.after(deadlineMs, giveUp);
      this.#unconfirmed.add(giveUp);
      link.publish(message, (confirmed) => settle(confirmed ? "sent" : "timeout"));
    });
  }

  /** Ends the connection for good. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelDial();
    this.#link?.close();
    this.#enter({ status: "disconnected", since: this.#deps.clock.now(), reason: "STOPPED" });
  }

  #open(): void {
    this.#link = this.#dial({
      ready: () => this.#enter({ status: "connected", since: this.#deps.clock.now() }),
      lost: (reason) => this.#lost(reason),
      message: (message) => this.#onMessage(message),
    });
  }

  #lost(reason: LinkLoss): void {
    const { clock, log } = this.#deps;
    const now = clock.now();
    const wasSteady = this.#state.status === "connected" && now - this.#state.since >= STEADY_AFTER_MS;
    this.#link = undefined;
    for (const giveUp of [...this.#unconfirmed]) giveUp();
    if (this.#stopped) return;
    if (wasSteady) this.#pauseMs = RECONNECT_MS_MIN;
    const pauseMs = this.#jittered(this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, RECONNECT_MS_MAX);
    this.#cancelDial = clock.after(pauseMs, () => this.#open());
    log.warn({ reason, pauseMs }, "no broker");
    if (this.#state.status === "connected" || this.#state.reason !== reason) {
      const since = this.#state.status === "connected" ? now : this.#state.since;
      this.#enter({ status: "disconnected", since, reason });
    }
  }

  /** Between half and all of the pause, so that hubs that lost one broker do not come back in step. */
  #jittered(pauseMs: number): number {
    const [byte = 0] = this.#deps.random.bytes(1);
    return Math.round(pauseMs * (0.5 + byte / 510));
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    if (state.status === "connected") {
      this.#made += 1;
      this.#deps.log.info({}, "broker connected");
    }
    for (const listener of [...this.#listeners]) {
      try {
        listener(state);
      } catch (cause) {
        this.#deps.log.error({ error: String(cause) }, "a listener of the broker connection failed");
      }
    }
  }
}

/** Starts a connection, or says what is wrong with the address. The broker may be away: see `state`. */
export function connectBroker(
  options: ConnectionOptions,
  deps: ConnectionDeps,
): Result<BrokerConnection, EndpointFailure> {
  const endpoint = parseEndpoint(options.url);
  return endpoint.ok ? ok(new BrokerConnection(endpoint.value, options, deps)) : endpoint;
}
