import { createHash } from "node:crypto";
import { resolveArrayConnection } from "@pothos/plugin-relay";
import { ForbiddenError } from "../../graphql/errors.ts";
import { pageSize } from "../../graphql/page.ts";
import type { PortnerBuilder, Principal } from "../../identity/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Tables } from "../../kernel/database.ts";
import { addressText, byAddress } from "../../locks/index.ts";
import { addressesByIds, pathsByIds, type PathHome } from "../../places/index.ts";
import type { AccessIndex } from "../access-index.ts";
import type { AccessFacts } from "../facts.ts";
import { bundlesOfPerson } from "../involvement.ts";

/** Ninety-six bits: two lists of one person never share them by chance. */
const VERSION_LENGTH = 16;

/** What `myPaths` stands on. */
export interface MyPathsDeps {
  readonly index: AccessIndex;
  readonly tables: Tables;
  readonly clock: Clock;
}

/** Keys of the paths that a person's memberships open at a time. Blocks are not looked at: `openDoor` decides. */
export function pathsOfPerson(facts: AccessFacts, person: number, at: number): number[] {
  const bundles = bundlesOfPerson(facts, person, at);
  const paths = [...facts.bundlesOfPath].filter(([, of]) => of.some((bundle) => bundles.has(bundle)));
  return paths.map(([path]) => path);
}

/** Paths in the order of their addresses: whoever reads them page by page gets a list that grows at its end only. */
async function byHome(tables: Tables, keys: readonly number[]): Promise<readonly PathHome[]> {
  const paths = await pathsByIds(tables, keys);
  const addresses = await addressesByIds(tables, [...new Set(paths.map(({ home }) => home))]);
  const texts = new Map(addresses.map((row) => [row.id, addressText(row)]));
  const places = paths.map((row) => {
    const text = texts.get(row.home) ?? "";
    return { row, lock: row.path.id, doorKind: "flat" as const, addressText: text };
  });
  return places.toSorted(byAddress).map(({ row }) => row);
}

/** Another text for other paths, in whatever order they come. */
function versionOf(paths: readonly number[]): string {
  const sorted = paths.toSorted((a, b) => a - b);
  return createHash("sha256").update(sorted.join(" ")).digest("base64url").slice(0, VERSION_LENGTH);
}

/** Adds `myPaths`, the homes that a phone's holder may open, and `myPathsVersion`. */
export function addMyPaths(
  builder: PortnerBuilder,
  deps: MyPathsDeps,
  { PathRef }: { readonly PathRef: ReturnType<typeof builder.objectRef<PathHome>> },
): void {
  const keysOf = (principal: Principal): number[] => {
    if (principal.kind !== "phone") throw new ForbiddenError();
    return pathsOfPerson(deps.index.facts, principal.person, deps.clock.now());
  };
  builder.queryField("myPathsVersion", (t) =>
    t.string({
      description:
        "Another text when `myPaths` would answer other paths: what a phone asks for now and then, instead of the list.",
      authScopes: { may: "openWithOwnCredential" },
      resolve: (_, _args, { principal }) => versionOf(keysOf(principal)),
    }),
  );
  builder.queryField("myPaths", (t) =>
    t.connection({
      type: PathRef,
      description: "The paths that the phone's holder may open now, by membership of a bundle; ordered by address.",
      authScopes: { may: "openWithOwnCredential" },
      resolve: async (_, args, { principal }) => {
        const first = pageSize(args.first);
        const page = resolveArrayConnection({ args: { ...args, first } }, await byHome(deps.tables, keysOf(principal)));
        const edges = page?.edges.flatMap((edge) => (edge === null ? [] : [edge])) ?? [];
        return { pageInfo: page?.pageInfo ?? { hasNextPage: false, hasPreviousPage: false }, edges };
      },
    }),
  );
}
