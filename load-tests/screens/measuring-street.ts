import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { access, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { World } from "@portner/schema/world";
import { LoadError } from "../fault.ts";
import type { Installation } from "../installation/demo.ts";
import { ENVIRONMENT } from "../process/environment.ts";

const PORTNER = fileURLToPath(new URL("../../portner", import.meta.url));
const run = promisify(execFile);
/** A house number has at most three digits. */
const HOUSES_MAX = 999;

/** Papers of a lock that waits to be commissioned. */
export type WaitingLock = World["locks"][number];

/** Builds a street of houses with locks into a running town, as an import does it; gives the locks' papers. */
export async function buildStreet(
  { world, locksFolder }: Pick<Installation, "world" | "locksFolder">,
  houses: number,
): Promise<readonly WaitingLock[]> {
  if (houses > HOUSES_MAX) throw new LoadError("STREET_TOO_LONG", `a street has at most ${HOUSES_MAX} houses`);
  const home = await homeAbove(locksFolder);
  const district = world.districts[0]?.externalId ?? "";
  const numbers = Array.from({ length: houses }, (_, n) => n + 1);
  const locks = numbers.map((number): WaitingLock => ({
    serial: `LOAD-${number.toString().padStart(4, "0")}`,
    model: "F3",
    door: `load-door-${number}`,
    claim: randomBytes(32).toString("base64url"),
    legalBasis: "SEL § 112",
    consent: { reference: "load test", date: "2026-01-05" },
  }));
  const longer: World = {
    ...world,
    addresses: [
      ...world.addresses,
      ...numbers.map((number) => ({
        ...{ externalId: `load-address-${number}`, street: "Målevej", number: String(number) },
        ...{ postalCode: "4999", city: "Fjordby", district },
      })),
    ],
    doors: [
      ...world.doors,
      ...numbers.map((number) => ({
        ...{ externalId: `load-door-${number}`, kind: "flat" as const, address: `load-address-${number}` },
      })),
    ],
    locks: [...world.locks, ...locks],
  };
  const file = join(home, "street.json");
  await writeFile(file, JSON.stringify(longer), { mode: 0o600 });
  await run(PORTNER, ["import", file], { env: { ...ENVIRONMENT, PORTNER_HOME: home, LOG_LEVEL: "warn" } });
  return locks;
}

/** The demo's folder: the one above its locks that says what runs. */
async function homeAbove(folder: string): Promise<string> {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const isHome = await access(join(at, "running.json")).then(
      () => true,
      () => false,
    );
    if (isHome) return at;
  }
  throw new LoadError("DEMO_CHANGED", "no folder above the locks says what runs");
}
