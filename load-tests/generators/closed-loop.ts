/**
 * A generator that asks as fast as it is answered, over raw sockets, so that it costs little beside what it measures.
 * Takes orders as lines of JSON on standard input and answers each with a line.
 */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";
import { monotonic } from "../clock.ts";

const Order = z.object({ port: z.int(), request: z.string(), connections: z.int(), forMs: z.number() });

interface Tally {
  answered: number;
  faulty: number;
  sample: string;
}

/** Asks again and again until the time is over; counts what is not a 200. */
function keepAsking(socket: Socket, request: Buffer, until: number, tally: Tally): Promise<void> {
  return new Promise((resolve) => {
    let rest: Buffer = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = endOfAnswer(rest);
      if (end === undefined) return;
      tally.answered += 1;
      if (!rest.subarray(0, 12).equals(OK)) tally.faulty += 1;
      if (tally.sample === "") tally.sample = rest.toString("utf8", 0, end);
      rest = rest.subarray(end);
      if (monotonic() < until) socket.write(request);
      else socket.end();
    });
    socket.once("error", () => {
      tally.faulty += 1;
      resolve();
    });
    socket.once("close", () => resolve());
    socket.write(request);
  });
}

const OK = Buffer.from("HTTP/1.1 200");
const HEAD_END = Buffer.from("\r\n\r\n");
const LAST_CHUNK = Buffer.from("\r\n0\r\n\r\n");

/** Where the first answer ends; nothing while it is not whole. */
function endOfAnswer(bytes: Buffer): number | undefined {
  const head = bytes.indexOf(HEAD_END);
  if (head < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString("latin1", 0, head))?.[1];
  if (length !== undefined) {
    const end = head + HEAD_END.length + Number(length);
    return bytes.length >= end ? end : undefined;
  }
  const last = bytes.indexOf(LAST_CHUNK, head);
  return last < 0 ? undefined : last + LAST_CHUNK.length;
}

async function measure(line: string): Promise<void> {
  const { port, request, connections, forMs } = Order.parse(JSON.parse(line));
  const bytes = Buffer.from(request, "base64");
  const tally: Tally = { answered: 0, faulty: 0, sample: "" };
  const startedAt = monotonic();
  const asking = Array.from({ length: connections }, () =>
    keepAsking(connect(port, "127.0.0.1"), bytes, startedAt + forMs, tally),
  );
  await Promise.all(asking);
  const seconds = (monotonic() - startedAt) / 1_000;
  process.stdout.write(`result ${JSON.stringify({ ...tally, seconds })}\n`);
}

createInterface({ input: process.stdin }).on("line", (line) => {
  measure(line).catch((error: unknown) => process.stdout.write(`fault ${String(error)}\n`));
});
process.stdout.write("ready closed-loop\n");
