import { z } from "zod";
import { monotonic } from "../clock.ts";
import { LoadError } from "../fault.ts";
import { cpuMicroseconds, startOwn, type Child } from "../process/child.ts";

const Told = z.object({
  opened: z.number().optional(),
  expecting: z.number().optional(),
  messages: z.number().optional(),
  broken: z.number().optional(),
  sample: z.string().optional(),
  closed: z.boolean().optional(),
  fault: z.string().optional(),
});
type Told = z.infer<typeof Told>;

/** Subscribers in a process of their own. */
export interface Readers {
  /** Connects so many more to a server; with a query, each subscribes as one of these callers. */
  open(
    server: {
      readonly port: number;
      readonly origin: string;
      readonly cookies: readonly string[];
      readonly query?: string;
    },
    count: number,
  ): Promise<void>;
  /** Lets `send` send so many messages to each, and waits for the last. Gives the first one's text. */
  hear(
    messages: number,
    send: () => Promise<void>,
  ): Promise<{ readonly seconds: number; readonly delivered: number; readonly sample: string }>;
  stop(): Promise<void>;
}

/** Starts them. */
export async function startReaders(): Promise<Readers> {
  const { child } = await startOwn("generators/socket-readers.ts", {});
  const lines = listen(child);
  return {
    open: async (server, count) => {
      child.send(JSON.stringify({ do: "open", count, ...server }));
      await lines.next();
    },
    hear: async (messages, send) => {
      child.send(JSON.stringify({ do: "expect", messages }));
      await lines.next();
      const startedAt = monotonic();
      await send();
      const told = await lines.next();
      if (told.broken !== 0) throw new LoadError("SOCKETS_BROKEN", `${told.broken} sockets were closed`);
      return { seconds: (monotonic() - startedAt) / 1_000, delivered: told.messages ?? 0, sample: told.sample ?? "" };
    },
    stop: () => child.stop(),
  };
}

function listen(child: Child): { next(): Promise<Told> } {
  const told: Told[] = [];
  let wake: () => void = () => undefined;
  child.onLine((line) => {
    told.push(Told.parse(JSON.parse(line)));
    wake();
  });
  return {
    next: async () => {
      while (told.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const [first] = told.splice(0, 1);
      if (first === undefined || first.fault !== undefined) throw new LoadError("READERS_FAULTY", first?.fault ?? "");
      return first;
    },
  };
}

/** Messages a second that a server delivers to its readers, and its processor time for each. */
export async function deliveryOf(
  readers: Readers,
  { pid, send, messages }: { readonly pid: number; readonly send: () => Promise<void>; readonly messages: number },
) {
  const before = await cpuMicroseconds(pid);
  const { seconds, delivered } = await readers.hear(messages, send);
  const used = (await cpuMicroseconds(pid)) - before;
  return { perSecond: delivered / seconds, cpuMicroseconds: used / delivered };
}
