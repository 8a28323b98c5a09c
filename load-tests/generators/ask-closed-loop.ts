import { z } from "zod";
import { LoadError } from "../fault.ts";
import { cpuMicroseconds, startOwn, type Child } from "../process/child.ts";

const Result = z.object({ answered: z.number(), faulty: z.number(), sample: z.string(), seconds: z.number() });
/** What a closed loop counted, and one whole answer. */
export type Counted = z.infer<typeof Result>;

/** The generator's process. */
export interface ClosedLoop {
  /** Asks the server at the port for this long; throws LoadError `ANSWER_FAULTY` when an answer is no 200. */
  ask(port: number, request: Buffer, forMs: number): Promise<Counted>;
  stop(): Promise<void>;
}

/** Keeps a server of one core busy without waiting long in its queue. */
const CONNECTIONS = 16;

/** Starts it. */
export async function startClosedLoop(): Promise<ClosedLoop> {
  const { child } = await startOwn("generators/closed-loop.ts", {});
  return {
    ask: async (port, request, forMs) => {
      const answered = nextLine(child);
      child.send(JSON.stringify({ port, request: request.toString("base64"), connections: CONNECTIONS, forMs }));
      const line = await answered;
      if (!line.startsWith("result ")) throw new LoadError("GENERATOR_FAULTY", line);
      const counted = Result.parse(JSON.parse(line.slice("result ".length)));
      if (counted.faulty > 0 || counted.sample.includes('"errors"'))
        throw new LoadError("ANSWER_FAULTY", `${counted.faulty} of ${counted.answered}: ${counted.sample}`);
      return counted;
    },
    stop: () => child.stop(),
  };
}

function nextLine(child: Child): Promise<string> {
  return new Promise((resolve) => {
    let heard = false;
    child.onLine((line) => {
      if (heard) return;
      heard = true;
      resolve(line);
    });
  });
}

/** A request as bytes, over a connection that is kept. */
export function requestBytes(port: number, body: string, headers: Readonly<Record<string, string>>): Buffer {
  const all = { host: `127.0.0.1:${port}`, "content-type": "application/json", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `POST /graphql HTTP/1.1\r\n${lines.join("")}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** A server that is asked, and what it is asked. */
export interface Asked {
  readonly pid: number;
  readonly port: number;
  readonly request: Buffer;
}

/** Answers a second, and processor time of the server for each. */
export async function rateOf(loop: ClosedLoop, { pid, port, request }: Asked, forMs: number) {
  const before = await cpuMicroseconds(pid);
  const { answered, seconds } = await loop.ask(port, request, forMs);
  const used = (await cpuMicroseconds(pid)) - before;
  return { perSecond: answered / seconds, cpuMicroseconds: used / answered };
}
