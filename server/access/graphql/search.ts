/** The query `search`: one box for addresses, locks and employees. Citizens are found by `lookUpCitizen` only, for a purpose. */
import type { SchemaShape } from "../../graphql/builder.ts";
import { InvalidInputError } from "../../graphql/errors.ts";
import { pageSize } from "../../graphql/page.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import {
  authorise,
  type KnownPrincipal,
  type Operation,
  type PortnerBuilder,
  type Principal,
} from "../../identity/index.ts";
import type { Tables } from "../../kernel/database.ts";
import { actsFor, type LockDirectory, type LockPlace, type LockRights, type LockView } from "../../locks/index.ts";
import { searchPeople, type PersonRow, type PersonScope } from "../../people/index.ts";
import { addressesByIds, foldAddress, reachOf, searchPlaces, type AddressRow } from "../../places/index.ts";

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaShape<Principal, Operation>>;
type Ref<Value> = PothosSchemaTypes.ObjectRef<Types, Value>;

/** What the search stands on. */
export interface SearchGraphqlDeps {
  readonly tables: Tables;
  readonly directory: LockDirectory;
  readonly rights: LockRights;
  readonly lockOf: (lock: number) => LockView | undefined;
  readonly refs: {
    readonly LockRef: Ref<LockView>;
    readonly AddressRef: Ref<AddressRow>;
    readonly PersonRef: Ref<PersonRow>;
  };
}

/** Fewest characters that are looked for; fewer find everything. */
const TEXT_CHARACTERS_MIN = 2;
const TEXT_CHARACTERS_MAX = 120;

/** An address that was found, with the locks there that the caller may see. */
interface PlaceHit {
  readonly address: AddressRow;
  readonly locks: readonly LockView[];
}

type Hit =
  | { readonly type: "PlaceHit"; readonly hit: PlaceHit }
  | { readonly type: "LockHit"; readonly hit: LockView }
  | { readonly type: "PersonHit"; readonly hit: PersonRow };

/** Adds `search` to the schema. */
export function extendSearch(builder: PortnerBuilder, deps: SearchGraphqlDeps) {
  const SearchHitRef = addHits(builder, deps);
  builder.queryField("search", (t) =>
    t.field({
      type: [SearchHitRef],
      description:
        "Locks by the beginning of the serial number, employees by user id or name, addresses by beginnings of words, in " +
        "the caller's reach. Never citizens: those are looked up for a purpose.",
      authScopes: { may: "lookUpCitizen" },
      args: { text: t.arg.string({ required: true }), first: t.arg.int() },
      resolve: async (_root, { text, first }, { principal }) => {
        const size = pageSize(first);
        const { length } = text.trim();
        if (length < TEXT_CHARACTERS_MIN || length > TEXT_CHARACTERS_MAX) {
          throw new InvalidInputError(`${TEXT_CHARACTERS_MIN} to ${TEXT_CHARACTERS_MAX} characters`, ["text"]);
        }
        return principal.kind === "anonymous" ? [] : findHits(deps, principal, { text, size });
      },
    }),
  );
  return { SearchHitRef };
}

function addHits(builder: PortnerBuilder, { refs }: SearchGraphqlDeps) {
  const PlaceHitRef = builder.objectRef<Extract<Hit, { type: "PlaceHit" }>>("PlaceHit").implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      address: t.field({ type: refs.AddressRef, resolve: ({ hit }) => hit.address }),
      locks: t.field({ type: [refs.LockRef], resolve: ({ hit }) => [...hit.locks] }),
    }),
  });
  const LockHitRef = builder.objectRef<Extract<Hit, { type: "LockHit" }>>("LockHit").implement({
    ...INHERITS_RULE,
    fields: (t) => ({ lock: t.field({ type: refs.LockRef, resolve: ({ hit }) => hit }) }),
  });
  const PersonHitRef = builder.objectRef<Extract<Hit, { type: "PersonHit" }>>("PersonHit").implement({
    ...INHERITS_RULE,
    fields: (t) => ({ person: t.field({ type: refs.PersonRef, resolve: ({ hit }) => hit }) }),
  });
  return builder.unionType("SearchHit", {
    types: [PlaceHitRef, LockHitRef, PersonHitRef],
    resolveType: (hit: Hit) => hit.type,
  });
}

interface Wanted {
  readonly text: string;
  readonly size: number;
}

async function findHits(deps: SearchGraphqlDeps, principal: KnownPrincipal, wanted: Wanted): Promise<Hit[]> {
  const locks = findLocks(deps, principal, wanted);
  const [persons, addresses] = await Promise.all([
    findPersons(deps, principal, wanted),
    findAddresses(deps, principal, wanted),
  ]);
  const shown = (place: LockPlace): readonly LockView[] => {
    const view = deps.rights.maySee(principal, place) ? deps.lockOf(place.lock) : undefined;
    return view === undefined ? [] : [view];
  };
  const wantedAddresses = new Set(addresses.map((address) => address.id));
  const places = deps.directory.ofTenant(principal.tenant).filter((place) => wantedAddresses.has(place.address));
  const hits: Hit[] = [
    ...locks.flatMap(shown).map((hit): Hit => ({ type: "LockHit", hit })),
    ...persons.map((hit): Hit => ({ type: "PersonHit", hit })),
    ...addresses.map((address): Hit => {
      const there = places.filter((place) => place.address === address.id);
      return { type: "PlaceHit", hit: { address, locks: there.flatMap(shown) } };
    }),
  ];
  return hits.slice(0, wanted.size);
}

function findLocks(deps: SearchGraphqlDeps, principal: KnownPrincipal, { text, size }: Wanted): readonly LockPlace[] {
  const start = text.trim().toUpperCase();
  const found = deps.directory
    .ofTenant(principal.tenant)
    .filter((place) => place.serial.toUpperCase().startsWith(start));
  return found.filter((place) => deps.rights.maySee(principal, place)).slice(0, size);
}

/** Addresses in the districts where the caller may look people up; else those with a lock that the caller may see. */
async function findAddresses(
  deps: SearchGraphqlDeps,
  principal: KnownPrincipal,
  { text, size }: Wanted,
): Promise<readonly AddressRow[]> {
  const { districts } = await reachOf(deps.tables, principal, "lookUpCitizen");
  const { tenant } = principal;
  if (districts?.length !== 0) return searchPlaces(deps.tables, { text, tenant, districts, limit: size });
  const words = foldAddress(text).split(" ");
  if (words[0] === "") return [];
  const places = deps.directory
    .ofTenant(tenant)
    .filter((place) => words.every((word) => ` ${place.folded}`.includes(` ${word}`)))
    .filter((place) => deps.rights.maySee(principal, place));
  const ids = [...new Set(places.map((place) => place.address))].slice(0, size);
  return ids.length === 0 ? [] : addressesByIds(deps.tables, ids);
}

/** Employees about whom the caller may ask what they may open. */
async function findPersons(
  { tables }: SearchGraphqlDeps,
  principal: KnownPrincipal,
  { text, size }: Wanted,
): Promise<readonly PersonRow[]> {
  const scope = personScope(principal);
  if (scope === undefined) return [];
  const found = await searchPeople(tables, { text, tenant: principal.tenant, limit: size, scope });
  return found.map(({ person }) => person);
}

function personScope(principal: KnownPrincipal): PersonScope | undefined {
  const { tenant } = principal;
  if (authorise(principal, "decide", { tenant }).ok) return {};
  const own = actsFor(principal);
  const departments = own.departments.filter((department) => authorise(principal, "decide", { tenant, department }).ok);
  const providers = own.providers.filter((provider) => authorise(principal, "decide", { tenant, provider }).ok);
  return departments.length + providers.length === 0 ? undefined : { departments, providers };
}
