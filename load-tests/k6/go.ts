import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, glob, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ENVIRONMENT } from "../process/environment.ts";
import { LoadError } from "../fault.ts";

/** From this minor version of Go 1 on, Go fetches by itself the version that `go.mod` names. */
const FETCHES_ITSELF = 21;
const VERSION = "1.26.8";
/** The toolchain as the module proxy gives it, by platform: SHA-256 of the archive. */
const ARCHIVES: Readonly<Record<string, string>> = {
  "linux-amd64": "30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7",
  "linux-arm64": "02b36b6787b3ac767668f630e2998df45a3b1f9ffee08d1bf3ef6487cd658d99",
  "darwin-arm64": "0aad5fb52b88498885290178adc0bcfe429bc63012621af9f83282eb640bd9c7",
};
const PROXY = "https://proxy.golang.org";
/** An archive has 70 MB. */
const FETCH_MS_MAX = 600_000;
/** Archives of modules know no permissions. */
const PROGRAMS = ["bin/*", "pkg/tool/*/*"];

/**
 * The Go to build with: the machine's, or one fetched once into the cache from the module proxy, with the checksum named
 * here. Throws LoadError `GO_MISSING` where neither can be had.
 */
export async function findGo(cache: string, tell: (sentence: string) => void): Promise<string> {
  if (minorOf("go") >= FETCHES_ITSELF) return "go";
  const root = join(cache, `go-${VERSION}`);
  const go = join(root, "bin", "go");
  if (minorOf(go) >= FETCHES_ITSELF) return go;
  tell(`fetching Go ${VERSION}, once a machine`);
  await fetchInto(root, cache);
  if (minorOf(go) >= FETCHES_ITSELF) return go;
  throw missing(`the fetched Go ${VERSION} does not run here`);
}

function minorOf(go: string): number {
  const told = spawnSync(go, ["version"], { encoding: "utf8", env: ENVIRONMENT });
  return Number(/go1\.(\d+)/.exec(told.stdout ?? "")?.[1] ?? Number.NaN);
}

async function fetchInto(root: string, cache: string): Promise<void> {
  const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const checksum = ARCHIVES[platform];
  if (checksum === undefined) throw missing(`none is named for ${platform}`);
  const name = `v0.0.1-go${VERSION}.${platform}`;
  const bytes = await fetchArchive(`${proxy()}/golang.org/toolchain/@v/${name}.zip`);
  if (createHash("sha256").update(bytes).digest("hex") !== checksum) throw missing("the archive is another one");
  const draft = await mkdtemp(join(cache, "go-"));
  try {
    const archive = join(draft, "go.zip");
    await writeFile(archive, bytes);
    const unpacked = spawnSync("python3", ["-m", "zipfile", "-e", archive, draft], { encoding: "utf8" });
    if (unpacked.status !== 0) throw missing(`python3 could not unpack it: ${unpacked.stderr ?? "python3 is missing"}`);
    const from = join(draft, "golang.org", `toolchain@${name}`);
    for await (const program of glob(PROGRAMS, { cwd: from })) await chmod(join(from, program), 0o755);
    await rm(root, { recursive: true, force: true });
    await rename(from, root);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** The first of the machine's module proxies, as Go reads them. */
function proxy(): string {
  const [first = ""] = (ENVIRONMENT["GOPROXY"] ?? "").split(/[,|]/);
  return /^https?:/.test(first) ? first.replace(/\/$/, "") : PROXY;
}

async function fetchArchive(url: string): Promise<Buffer> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS_MAX) });
    if (!answer.ok) throw missing(`the module proxy answered ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  } catch (cause) {
    if (cause instanceof LoadError) throw cause;
    throw missing(`the module proxy could not be reached: ${String(cause)}`);
  }
}

function missing(why: string): LoadError {
  return new LoadError("GO_MISSING", `k6 is built with Go ${VERSION} or later, and ${why}; see https://go.dev/dl`);
}
