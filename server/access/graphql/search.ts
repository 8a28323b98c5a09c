/** The query `search`: one box for addresses, locks and employees. Citizens are found by `lookUpCitizen` only, for a purpose. */
import { InvalidInputError } from "../../graphql/errors.ts";
import { pageSize } from "../../graphql/page.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import { authorise, type KnownPrincipal, type PortnerBuilder, type PortnerRef } from "../../identity/index.ts";
import type { Tables } from "../../kernel/database.ts";
import { actsFor, type LockDirectory, type LockPlace, type LockRights, type LockView } from "../../locks/index.ts";
import { personByUserId, plainId, searchPeople, type PersonRow, type PersonScope } from "../../people/index.ts";
import { reaches, reachOf, type AddressBook, type AddressRow } from "../../places/index.ts";

/** What the search stands on. */
export interface SearchGraphqlDeps {
  readonly tables: Tables;
  readonly book: AddressBook;
  readonly directory: LockDirectory;
  readonly rights: LockRights;
  readonly lockOf: (lock: number) => LockView | undefined;
  readonly refs: {
    readonly LockRef: PortnerRef<LockView>;
    readonly AddressRef: PortnerRef<AddressRow>;
    readonly PersonRef: PortnerRef<PersonRow>;
  };
}

/** Fewest characters that are looked for; fewer find everything. */
const TEXT_CHARACTERS_MIN = 2;
const TEXT_CHARACTERS_MAX = 120;

/** An address that was found, with the locks there that the caller may see. */
interface PlaceHit {
  readonly address: AddressRow;
  readonly locks: readonly LockView[];
  /** See `FoundAddress`. */
  readonly unmet: string | undefined;
}

/** Every hit has a cost: 0 is what was typed, and the more it takes to believe that it was meant, the higher. */
const COST = { exact: -1, digitsOfId: 0.1, numberBegun: 0.3, name: 0.5, aside: 0.9 } as const;
/** Characters of a serial or user id without which a beginning or end of one says nothing. */
const NUMBER_CHARACTERS_MIN = 3;
/** Words of one text that may be a user id typed behind an address. */
const ASIDES_MAX = 3;

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
        "Addresses as people type them, slips of the fingers forgiven; locks by serial number, employees by user id or " +
        "name; the likeliest first, in the caller's reach. Never citizens: those are looked up for a purpose.",
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
  addEmployee(builder, deps);
  return { SearchHitRef };
}

function addEmployee(builder: PortnerBuilder, { tables, refs }: SearchGraphqlDeps): void {
  builder.queryField("employee", (t) =>
    t.field({
      type: refs.PersonRef,
      nullable: true,
      description:
        "The employee whom a user id means, however it is written: with or without what stands before its digits. Null " +
        "where nobody in the caller's reach has it, or more than one may be meant.",
      authScopes: { may: "lookUpCitizen" },
      args: { userId: t.arg.string({ required: true }) },
      resolve: async (_root, { userId }, { principal }) => {
        if (principal.kind === "anonymous" || userId.length > TEXT_CHARACTERS_MAX) return null;
        const scope = personScope(principal);
        if (scope === undefined) return null;
        return (await personByUserId(tables, { tenant: principal.tenant, userId, scope })) ?? null;
      },
    }),
  );
}

function addHits(builder: PortnerBuilder, { refs }: SearchGraphqlDeps) {
  const PlaceHitRef = builder.objectRef<Extract<Hit, { type: "PlaceHit" }>>("PlaceHit").implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      address: t.field({ type: refs.AddressRef, resolve: ({ hit }) => hit.address }),
      locks: t.field({ type: [refs.LockRef], resolve: ({ hit }) => [...hit.locks] }),
      unmet: t.string({
        nullable: true,
        description:
          "The home in its street as it was typed, where the address is another one: `99`, `12b` or `12, 2 mf`. Null where " +
          "all that was typed of it holds.",
        resolve: ({ hit }) => hit.unmet ?? null,
      }),
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

interface Ranked {
  readonly cost: number;
  readonly hit: Hit;
}

async function findHits(deps: SearchGraphqlDeps, principal: KnownPrincipal, wanted: Wanted): Promise<Hit[]> {
  const [persons, addresses] = await Promise.all([
    findPersons(deps, principal, wanted),
    findAddresses(deps, principal, wanted),
  ]);
  const ranked = [...findLocks(deps, principal, wanted), ...persons, ...addresses];
  return ranked
    .toSorted((a, b) => a.cost - b.cost)
    .slice(0, wanted.size)
    .map(({ hit }) => hit);
}

/** Locks whose serial number begins or ends with the text; hyphens and spaces don't count. */
function findLocks(deps: SearchGraphqlDeps, principal: KnownPrincipal, { text, size }: Wanted): Ranked[] {
  const typed = plainId(text);
  if (typed.length < NUMBER_CHARACTERS_MIN) return [];
  return deps.directory
    .ofTenant(principal.tenant)
    .values()
    .flatMap((place) => {
      const serial = plainId(place.serial);
      if (!serial.startsWith(typed) && !serial.endsWith(typed)) return [];
      const view = deps.rights.maySee(principal, place) ? deps.lockOf(place.lock) : undefined;
      const cost = serial === typed ? COST.exact : COST.numberBegun;
      return view === undefined ? [] : [{ cost, hit: { type: "LockHit", hit: view } as const }];
    })
    .take(size)
    .toArray();
}

/** Addresses in the districts where the caller may look people up; else those with a lock that the caller may see. */
async function findAddresses(
  deps: SearchGraphqlDeps,
  principal: KnownPrincipal,
  { text, size }: Wanted,
): Promise<Ranked[]> {
  const { tenant } = principal;
  const [search, reach] = await Promise.all([
    deps.book.ofTenant(tenant),
    reachOf(deps.tables, principal, "lookUpCitizen"),
  ]);
  const placesAt = Map.groupBy(deps.directory.ofTenant(tenant), (place) => place.address);
  const locksAt = (address: AddressRow): readonly LockView[] =>
    (placesAt.get(address.id) ?? []).flatMap((place: LockPlace) => {
      const view = deps.rights.maySee(principal, place) ? deps.lockOf(place.lock) : undefined;
      return view === undefined ? [] : [view];
    });
  const isVisible = (address: AddressRow): boolean =>
    reach.districts?.length === 0 ? locksAt(address).length > 0 : reaches(reach, address.district);
  return search.find(text, size, isVisible).map(({ address, cost, unmet }) => ({
    cost,
    hit: { type: "PlaceHit", hit: { address, locks: locksAt(address), unmet } },
  }));
}

/** Employees about whom the caller may ask what they may open; also one whose user id stands behind an address. */
async function findPersons(deps: SearchGraphqlDeps, principal: KnownPrincipal, wanted: Wanted): Promise<Ranked[]> {
  const scope = personScope(principal);
  if (scope === undefined) return [];
  const { text, size } = wanted;
  const { tenant } = principal;
  const words = text.trim().split(/[\s,]+/);
  const asides = words.length === 1 ? [] : words.filter((word) => /\d{3,}/.test(word)).slice(-ASIDES_MAX);
  const [found, ...behind] = await Promise.all([
    searchPeople(deps.tables, { text, tenant, limit: size, scope }),
    ...asides.map((word) => searchPeople(deps.tables, { text: word, tenant, limit: 1, scope })),
  ]);
  return [
    ...found.map(({ person }) => ({
      cost: personCost(person, text),
      hit: { type: "PersonHit", hit: person } as const,
    })),
    ...behind.flatMap((persons, at) =>
      persons
        .filter(({ person }) => plainId(person.externalId) === plainId(asides[at] ?? ""))
        .map(({ person }) => ({ cost: COST.aside, hit: { type: "PersonHit", hit: person } as const })),
    ),
  ];
}

function personCost({ externalId }: PersonRow, text: string): number {
  const [id, typed] = [plainId(externalId), plainId(text)];
  if (id === typed) return COST.exact;
  return id.replaceAll(/\D/g, "") === typed ? COST.digitsOfId : COST.name;
}

function personScope(principal: KnownPrincipal): PersonScope | undefined {
  const { tenant } = principal;
  if (authorise(principal, "decide", { tenant }).ok) return {};
  const own = actsFor(principal);
  const departments = own.departments.filter((department) => authorise(principal, "decide", { tenant, department }).ok);
  const providers = own.providers.filter((provider) => authorise(principal, "decide", { tenant, provider }).ok);
  return departments.length + providers.length === 0 ? undefined : { departments, providers };
}
