import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { parseWorld } from "@portner/schema/world";
import { InvalidArgumentError, type Command } from "commander";
import { readBehaviourPlan, type BehaviourPlan } from "../behaviours/plan.ts";
import { systemClock, wallTime } from "../ground/clock.ts";
import { SimulatorError } from "../ground/fault.ts";
import { seededRandom, systemRandom } from "../ground/random.ts";
import { endWithInput } from "../ground/tie.ts";
import { ControlOrder, obeyOrder } from "./control.ts";
import { Fleet, type FleetLock, type FleetTold } from "./fleet.ts";
import { takeStateFolder } from "./state-folder.ts";

/** How often progress is told while locks are coming up, in milliseconds. */
const PROGRESS_MS = 2_000;
/** How often the start looks whether every lock is connected, in milliseconds. */
const READY_POLL_MS = 50;

interface RunOptions {
  readonly world: string;
  readonly hub: string;
  readonly state: string;
  readonly speed: number;
  readonly only?: string;
  readonly behaviours?: string;
  readonly broker?: string;
  readonly seed?: number;
  readonly visitors: boolean;
  readonly tied?: boolean;
}

const tell: FleetTold = (line) => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

function positive(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("must be a number above 0.");
}

async function readLocks(options: RunOptions): Promise<readonly FleetLock[]> {
  const reading = parseWorld(await readFile(options.world, "utf8"));
  if (!reading.ok) {
    const faults = reading.faults.map((fault) => `line ${fault.line}: ${fault.message}`).join("; ");
    throw new SimulatorError("BAD_WORLD", `\`${options.world}\` has ${reading.total} faults: ${faults}`);
  }
  const only = options.only === undefined ? undefined : new Set(options.only.split(","));
  return reading.world.locks.filter((lock) => only?.has(lock.serial) ?? true);
}

async function readPlan(text: string | undefined): Promise<BehaviourPlan> {
  if (text === undefined) return {};
  return readBehaviourPlan(text.endsWith(".json") ? await readFile(text, "utf8") : text);
}

/** Obeys standard input, line by line; its end is not the end of the simulation. */
function listen(fleet: Fleet): void {
  const obey = async (line: string): Promise<void> => {
    let order: ControlOrder;
    try {
      order = ControlOrder.parse(JSON.parse(line));
    } catch (cause) {
      return tell({ event: "refused", reason: `not an order: ${String(cause)}` });
    }
    const unit = fleet.find(order.serial);
    const answer = unit === undefined ? { ok: false, reason: "UNKNOWN_SERIAL" } : await obeyOrder(unit, order);
    tell({ event: "done", serial: order.serial, do: order.do, ...answer });
  };
  createInterface({ input: process.stdin }).on("line", (line) => {
    obey(line).catch((cause: unknown) => tell({ event: "refused", reason: String(cause) }));
  });
}

async function untilConnected(fleet: Fleet, count: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { connected, failed } = fleet.counts;
    if (connected + failed >= count || signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

async function run(options: RunOptions): Promise<void> {
  const locks = await readLocks(options);
  const release = await takeStateFolder(options.state);
  const stopping = new AbortController();
  const fleet = new Fleet(
    { hubUrl: options.hub, stateFolder: options.state, plan: await readPlan(options.behaviours), told: tell },
    {
      clock: systemClock,
      wall: wallTime,
      random: systemRandom,
      chance: options.seed === undefined ? systemRandom : seededRandom(options.seed),
      speed: options.speed,
      brokerUrl: options.broker,
      hasVisitors: options.visitors,
      told: (what, serial, reason) => what === "failed" && tell({ event: "fault", serial, reason }),
    },
  );
  const progress = setInterval(() => tell({ event: "progress", locks: locks.length, ...fleet.counts }), PROGRESS_MS);
  const stopped = new Promise<void>((resolve) => {
    const stop = (): void => {
      clearInterval(progress);
      stopping.abort();
      void fleet.stop().then(release).then(resolve);
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
    if (options.tied === true) endWithInput(stop);
  });
  listen(fleet);
  await fleet.start(locks);
  await untilConnected(fleet, locks.length, stopping.signal);
  clearInterval(progress);
  if (!stopping.signal.aborted) tell({ event: "ready", locks: locks.length, ...fleet.counts });
  await stopped;
  tell({ event: "stopped" });
  process.exit(0);
}

/** Adds `run`: simulates the locks of a world file until SIGTERM, and prints what happens as lines of JSON. */
export function addRunCommand(program: Command): void {
  program
    .command("run")
    .description("simulate the locks of a world file; prints JSON lines, takes JSON orders on standard input")
    .requiredOption("--world <file>", "world file")
    .requiredOption("--hub <url>", "address of the hub, for commissioning", "http://127.0.0.1:4610")
    .requiredOption("--state <folder>", "where flash and world of every lock are kept")
    .option("--speed <factor>", "scales wear of batteries, never times", positive, 1)
    .option("--only <serials>", "only these locks, separated by commas")
    .option("--behaviours <spec>", "JSON file, JSON, or short forms such as `jam;drift:ppm=200` for every lock")
    .option("--broker <url>", "connect here instead of where the hub said")
    .option("--seed <number>", "makes physics and radio repeatable", positive)
    .option("--no-visitors", "nobody pushes a door that was opened")
    .option("--tied", "end when standard input ends: with whoever holds its other end, however that ends")
    .action(run);
}
