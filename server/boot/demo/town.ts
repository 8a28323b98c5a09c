import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { parseWorld, type World } from "@portner/schema/world";
import { PortnerError } from "../../kernel/errors.ts";
import { programFile } from "../../kernel/program.ts";
import type { Random } from "../../kernel/random.ts";
import { allTenants, tenantByPublicId } from "../../people/index.ts";
import { CHECKOUT } from "../checkout.ts";
import type { Operator } from "../operator.ts";
import { readIfThere, writePrivate } from "../private-file.ts";
import { importText } from "../world-file.ts";
import type { DemoTown } from "./accounts.ts";

const FILE = "town.json";

/** A town's file: where it stands, what it says. */
export interface WorldFile {
  readonly path: string;
  readonly text: string;
  readonly world: World;
}

/** The town of an earlier start, or a new one with a random seed: its locks' claims are secrets. */
export async function worldFile(
  folder: string,
  { locks, random }: { readonly locks: number; readonly random: Random },
): Promise<WorldFile> {
  const path = join(folder, FILE);
  const standing = await readIfThere(path);
  const text = standing ?? forOneVisitor(await generate(locks, random));
  if (standing === undefined) await writePrivate(path, text);
  const reading = parseWorld(text);
  if (reading.ok) return { path, text, world: reading.world };
  throw new PortnerError("WORLD_FAULTY", `\`${path}\` has ${reading.total} faults; \`portner reset\` starts anew`);
}

async function generate(locks: number, random: Random): Promise<string> {
  const seed = Buffer.from(random.bytes(6)).readUIntBE(0, 6);
  const args = [programFile("simulator"), "town", "--seed", String(seed), "--locks", String(locks)];
  const child = spawn(process.execPath, args, { cwd: CHECKOUT, stdio: ["ignore", "pipe", "inherit"] });
  const [text] = await Promise.all([readAll(child.stdout), once(child, "exit")]);
  if (child.exitCode === 0) return text;
  throw new PortnerError("TOWN_NOT_MADE", `\`lock-sim town\` ended with ${child.exitCode ?? child.signalCode}`);
}

/** Whoever tries the demo is alone with it: one person opens from a desk there. */
function forOneVisitor(text: string): string {
  const reading = parseWorld(text);
  if (!reading.ok) return text;
  const { world } = reading;
  return `${JSON.stringify({ ...world, policy: { ...world.policy, remoteOpen: "onePerson" } })}\n`;
}

/**
 * The town in the database, imported on the first start only: whatever was changed in the hub since stays. Throws
 * DATABASE_NOT_DEMO for a database with a real tenant in it.
 */
export async function settleTown(operator: Operator, file: WorldFile, sealingKey: string): Promise<DemoTown> {
  const { tables } = operator.database;
  const tenants = await allTenants(tables);
  if (tenants.some(({ demo }) => !demo)) {
    throw new PortnerError(
      "DATABASE_NOT_DEMO",
      "DATABASE_URL holds a tenant that is no demo; give it another database",
    );
  }
  const { world, text, path } = file;
  if (!tenants.some(({ publicId }) => publicId === world.tenant.id)) {
    const key = Buffer.from(sealingKey, "base64url");
    await importText(operator, { text, name: path, sealingKey: key }, { demo: true });
  }
  const tenant = await tenantByPublicId(tables, world.tenant.id);
  if (tenant === undefined) throw new PortnerError("WORLD_FAULTY", "the imported town is not there");
  return { tenant: tenant.id, world };
}
