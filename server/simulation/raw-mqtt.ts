import { connect } from "node:net";
import type { Socket } from "node:net";

/** What a client says when it connects; everything may be odd. */
export type RawConnect = {
  readonly clientId: string;
  readonly user?: string;
  readonly secret?: string;
  readonly clean?: boolean;
  readonly level?: number;
  readonly will?: {
    readonly topic: string;
    readonly payload?: string;
    readonly retain?: boolean;
    readonly qos?: number;
  };
};

/** A message as it arrived. */
export type RawArrival = { readonly topic: string; readonly payload: Buffer; readonly retained: boolean };

/** How long a broker may take to answer anything here. */
const ANSWER_MS = 5_000;

const CONNACK = 2;
const PUBLISH = 3;
const PUBACK = 4;
const SUBACK = 9;
const PINGRESP = 13;

/** An MQTT packet as it came over the line, its length already taken off. */
export type Packet = { readonly type: number; readonly flags: number; readonly body: Buffer };

/** A string as MQTT writes it: two bytes of length, then UTF-8. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

/** A packet as it goes over the line. */
export function packet(firstByte: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = body.length; ;) {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    length.push(rest > 0 ? byte | 128 : byte);
    if (rest === 0) break;
  }
  return Buffer.concat([Buffer.from([firstByte, ...length]), body]);
}

function connectPacket({ clientId, user, secret, will, clean = true, level = 4 }: RawConnect): Buffer {
  const flags =
    (clean ? 2 : 0) |
    (will === undefined ? 0 : 4 | ((will.qos ?? 1) << 3) | (will.retain === true ? 32 : 0)) |
    (secret === undefined ? 0 : 64) |
    (user === undefined ? 0 : 128);
  return packet(
    0x10,
    text(level === 3 ? "MQIsdp" : "MQTT"),
    Buffer.from([level, flags, 0, 60]),
    text(clientId),
    ...(will === undefined ? [] : [text(will.topic), text(will.payload ?? "")]),
    ...(user === undefined ? [] : [text(user)]),
    ...(secret === undefined ? [] : [text(secret)]),
  );
}

/** Takes complete packets off the front of a buffer. */
export function takePackets(buffer: Buffer): { packets: Packet[]; rest: Buffer } {
  const packets: Packet[] = [];
  for (let at = 0; ;) {
    let length = 0;
    let head = at + 1;
    while (head < buffer.length && (buffer[head] ?? 0) >= 128) head += 1;
    if (head >= buffer.length) return { packets, rest: buffer.subarray(at) };
    for (let i = head; i > at; i -= 1) length = length * 128 + ((buffer[i] ?? 0) & 127);
    const end = head + 1 + length;
    if (end > buffer.length) return { packets, rest: buffer.subarray(at) };
    const first = buffer[at] ?? 0;
    packets.push({ type: first >> 4, flags: first & 15, body: buffer.subarray(head + 1, end) });
    at = end;
  }
}

/**
 * An MQTT client made by hand, that can do what a decent library refuses: take another's client id, subscribe to
 * nonsense, go deaf. Requests resolve with what the broker did; `"closed"` when it hung up instead of answering.
 */
export class RawMqtt {
  readonly arrivals: RawArrival[] = [];
  readonly #socket: Socket;
  readonly #waiting = new Set<() => void>();
  readonly #answers: Packet[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #closed = false;
  #nextId = 1;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on("data", (chunk) => this.#take(Buffer.from(chunk)));
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The CONNACK return code (0 is welcome). */
  async connect(options: RawConnect): Promise<number | "closed"> {
    this.#socket.write(connectPacket(options));
    const answer = await this.#answer(CONNACK);
    return answer === "closed" ? answer : (answer.body[1] ?? 0);
  }

  /** The granted QoS, 128 for a refusal. */
  async subscribe(filter: string, qos = 1): Promise<number | "closed"> {
    this.#socket.write(packet(0x82, this.#id(), text(filter), Buffer.from([qos])));
    const answer = await this.#answer(SUBACK);
    return answer === "closed" ? answer : (answer.body[2] ?? 0);
  }

  /** Publishes at QoS 1 and waits for its PUBACK; at another QoS it waits for a PINGRESP behind it. */
  async publish(topic: string, payload: string | Buffer = "x", { qos = 1, retain = false } = {}) {
    const id = qos > 0 ? this.#id() : Buffer.alloc(0);
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    this.#socket.write(packet(0x30 | (qos << 1) | (retain ? 1 : 0), text(topic), id, bytes));
    if (qos !== 1) this.#socket.write(packet(0xc0));
    return (await this.#answer(qos === 1 ? PUBACK : PINGRESP)) === "closed" ? "closed" : "taken";
  }

  /** Waits until a message of this topic (and payload, if given) has arrived; false when the line ended before. */
  async arrived(topic: string, payload?: string): Promise<boolean> {
    const found = (): boolean =>
      this.arrivals.some((it) => it.topic === topic && (payload === undefined || it.payload.toString() === payload));
    return (await this.#until(found)) && found();
  }

  /** Waits until the broker has hung up; false when it did not within the time an answer may take. */
  async hungUp(): Promise<boolean> {
    await this.#until(() => this.#closed);
    return this.#closed;
  }

  /** Writes bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Stops reading, without closing: what a hung process or a frozen lock looks like. */
  freeze(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  thaw(): void {
    this.#socket.resume();
  }

  /** Ends the line without a DISCONNECT, so that the will is due. */
  cut(): void {
    this.#socket.destroy();
  }

  #id(): Buffer {
    this.#nextId = (this.#nextId % 65_535) + 1;
    return Buffer.from([this.#nextId >> 8, this.#nextId & 255]);
  }

  #take(chunk: Buffer): void {
    const { packets, rest } = takePackets(Buffer.concat([this.#rest, chunk]));
    this.#rest = rest;
    for (const it of packets) {
      if (it.type === PUBLISH) this.#arrive(it);
      else this.#answers.push(it);
    }
    this.#wake();
  }

  #arrive({ flags, body }: Packet): void {
    const end = 2 + body.readUInt16BE(0);
    const qos = (flags >> 1) & 3;
    const payload = Buffer.from(body.subarray(qos > 0 ? end + 2 : end));
    this.arrivals.push({ topic: body.toString("utf8", 2, end), payload, retained: (flags & 1) === 1 });
    if (qos === 1) this.#socket.write(packet(0x40, body.subarray(end, end + 2)));
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  async #answer(type: number): Promise<Packet | "closed"> {
    const index = (): number => this.#answers.findIndex((it) => it.type === type);
    await this.#until(() => index() >= 0);
    const [found] = index() >= 0 ? this.#answers.splice(index(), 1) : [];
    return found ?? "closed";
  }

  /** Resolves true once the condition holds, false when the line ended or the time is up. */
  #until(condition: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (condition()) settle(true);
        else if (this.#closed) settle(false);
      };
      const timer = setTimeout(() => settle(false), ANSWER_MS);
      const settle = (held: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(held);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
