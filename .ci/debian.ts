import { accessSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runAloud } from "./command.ts";

/** Programs of Debian that tests stand on, with the package that brings each. */
const NEEDED = [
  { package: "mosquitto", isPresent: () => isProgram("mosquitto") },
  { package: "mosquitto-clients", isPresent: () => isProgram("mosquitto_sub") },
  { package: "postgresql", isPresent: hasPostgres },
  { package: "chromium", isPresent: () => isProgram("chromium") },
  { package: "curl", isPresent: () => isProgram("curl") },
  { package: "python3", isPresent: () => isProgram("python3") },
] as const;

/** Debian asks this program whether a freshly installed service may start; 101 means no. */
const POLICY = "/usr/sbin/policy-rc.d";

/**
 * Sees to the Debian packages that tests need: root gets them installed, anybody else is told the one line that does.
 * Answers whether all are there.
 */
export function ensureDebianPackages(): boolean {
  const missing = missingPackages();
  if (missing.length === 0) return true;
  const isRootOnDebian = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (isRootOnDebian) install(missing);
  const left = missingPackages();
  if (left.length === 0) return true;
  console.error(`portner test needs these packages: apt-get install --yes ${left.join(" ")}`);
  return false;
}

function missingPackages(): string[] {
  return NEEDED.filter((need) => !need.isPresent()).map((need) => need.package);
}

// Tests start their own servers; one that Debian starts beside them would only take ports.
function install(packages: readonly string[]): void {
  const isPolicyOurs = !existsSync(POLICY);
  if (isPolicyOurs) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const environment = { DEBIAN_FRONTEND: "noninteractive" };
  try {
    console.log(`installing ${packages.join(", ")}`);
    runAloud("apt-get", ["update", "--quiet=2"], environment);
    runAloud("apt-get", ["install", "--yes", "--quiet=2", "--no-install-recommends", ...packages], environment);
  } finally {
    if (isPolicyOurs) rmSync(POLICY, { force: true });
  }
}

function isProgram(name: string): boolean {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];
  return folders.some((folder) => isReadable(join(folder, name)));
}

function hasPostgres(): boolean {
  const releases = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql") : [];
  return releases.some((release) => isReadable(`/usr/lib/postgresql/${release}/bin/postgres`));
}

function isReadable(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
