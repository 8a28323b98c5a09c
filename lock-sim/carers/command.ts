import { readFile } from "node:fs/promises";
import { parseWorld } from "@portner/schema/world";
import { InvalidArgumentError, type Command } from "commander";
import { SimulatorError } from "../ground/fault.ts";
import { systemRandom } from "../ground/random.ts";
import { endWithInput } from "../ground/tie.ts";
import { HubClient } from "./client.ts";
import { wallClock } from "./clock.ts";
import { chooseHolders, enrolAll } from "./enrol.ts";
import { Phone } from "./phone.ts";
import { Rounds, type Told } from "./rounds.ts";
import { PhoneFiles } from "./state.ts";

/** Openings a minute of a town of 1,200 locks, all carers together. */
const RATE_DEFAULT = 20;
/** Phones that walk at the default rate without anybody waiting for a free carer. */
const CARERS_DEFAULT = 40;

interface CarersOptions {
  readonly hub: URL;
  readonly world: string;
  readonly state: string;
  readonly adminTokenFile: string;
  readonly carers: number;
  readonly rate: number;
  readonly speed: number;
  readonly errands?: number;
  readonly tied?: boolean;
}

const tell: Told = (line) => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

function positive(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("must be a number above 0.");
}

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The hub's GraphQL address; tokens never travel unencrypted beyond this machine. */
function hubAddress(text: string): URL {
  const url = URL.parse("/graphql", text);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname))) return url;
  throw new InvalidArgumentError("must be an https address, or http on this machine.");
}

async function readToken(file: string): Promise<string> {
  const token = (await readFile(file, "utf8")).trim();
  if (/^[\x21-\x7e]{16,1024}$/.test(token)) return token;
  throw new SimulatorError("BAD_TOKEN_FILE", `\`${file}\` holds no token`);
}

async function walkTown(options: CarersOptions, signal: AbortSignal): Promise<void> {
  const reading = parseWorld(await readFile(options.world, "utf8"));
  if (!reading.ok) throw new SimulatorError("BAD_WORLD", `\`${options.world}\` has ${reading.total} faults`);
  const files = new PhoneFiles(options.state);
  await files.prepare();
  const client = new HubClient({ url: options.hub.href, clock: wallClock, signal });
  const adminToken = () => readToken(options.adminTokenFile);
  const makePhone = (employee: string) => new Phone(employee, { client, clock: wallClock, files, adminToken });
  const holders = chooseHolders(reading.world, Math.round(options.carers));
  const carers = await enrolAll(holders, makePhone, { tell, signal });
  tell({ event: "ready", carers: carers.length, wanted: holders.length });
  const ratePerMinute = options.rate * options.speed;
  const errandsMax = options.errands ?? Number.POSITIVE_INFINITY;
  await new Rounds(carers, { clock: wallClock, random: systemRandom, signal, tell, ratePerMinute, errandsMax }).walk();
  tell({ event: "stopped" });
}

/** Adds `carers`: phones that walk rounds through the public API. */
export function addCarersCommand(program: Command): void {
  program
    .command("carers")
    .description("enrol phones for a town's carers and walk their rounds through the public API")
    .requiredOption("--hub <url>", "address of the hub", hubAddress)
    .requiredOption("--world <file>", "the town's world file")
    .requiredOption("--state <folder>", "folder for the phones' keys and tokens")
    .requiredOption(
      "--admin-token-file <file>",
      "file with the session token of somebody who may offer enrolment codes",
    )
    .option("--carers <number>", "how many phones", positive, CARERS_DEFAULT)
    .option("--rate <number>", "openings a minute, all together", positive, RATE_DEFAULT)
    .option("--speed <number>", "scales the rounds, never a person's patience at a door", positive, 1)
    .option("--errands <number>", "stop after so many", positive)
    .option("--tied", "end when standard input ends: with whoever holds its other end, however that ends")
    .action(async (options: CarersOptions) => {
      const stop = new AbortController();
      for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
      if (options.tied === true) endWithInput(() => stop.abort());
      await walkTown(options, stop.signal);
    });
}
