/** The journal in the schema: the query `journal` and the type `JournalEntry`, for whoever may search the audit. */
import { cursorText, isEntryKind, parseCursor, type EntryKindName } from "@portner/schema/journal";
import { InvalidInputError, NotFoundError } from "../../graphql/errors.ts";
import { connectionOf, forwardPage } from "../../graphql/forward.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import { globalIdText, parseGlobalId } from "../../graphql/scalars.ts";
import { authorise, type KnownPrincipal, type PortnerBuilder, type PortnerRef } from "../../identity/index.ts";
import { searchEntries, type EntrySearch, type JournalEntry } from "../../journal/index.ts";
import type { Sql, Tables } from "../../kernel/database.ts";
import { actsFor, type LockDirectory, type LockView } from "../../locks/index.ts";
import { credentialsByIds, personByExternalId, type CredentialRow } from "../../people/index.ts";
import type { AccessIndex } from "../access-index.ts";
import type { ShownActor, StaffDirectory } from "../events/index.ts";
import { shownData } from "./shown-data.ts";

/** What the journal's part of the schema stands on. */
export interface JournalGraphqlDeps {
  readonly sql: Sql;
  readonly tables: Tables;
  readonly directory: LockDirectory;
  readonly index: Pick<AccessIndex, "facts">;
  readonly staff: StaffDirectory;
  readonly lockOf: (lock: number) => LockView | undefined;
  readonly refs: {
    readonly LockRef: PortnerRef<LockView>;
    readonly ActorRef: PortnerRef<ShownActor>;
    readonly CredentialRef: PortnerRef<CredentialRow>;
  };
}

/** Most kinds in one filter. */
const KINDS_MAX = 50;

/** Adds `journal` to the schema. */
export function extendJournal(builder: PortnerBuilder, deps: JournalGraphqlDeps) {
  const EntryRef = addEntry(builder, deps);
  const OrderRef = builder.enumType("JournalOrder", {
    values: { NEWEST_FIRST: { value: "newestFirst" }, OLDEST_FIRST: { value: "oldestFirst" } } as const,
  });
  const FilterRef = builder.inputType("JournalFilter", {
    fields: (t) => ({
      lock: t.id(),
      employee: t.string({ description: "The care system's user id." }),
      kinds: t.stringList({ description: "Kinds of entries, such as `opening.denied`." }),
      from: t.field({ type: "DateTime", description: "When it happened, at the earliest." }),
      to: t.field({ type: "DateTime", description: "When it happened, before this." }),
      order: t.field({ type: OrderRef, description: "Newest first unless said otherwise." }),
    }),
  });
  builder.queryField("journal", (t) =>
    t.connection({
      type: EntryRef,
      description: "Entries of the journal in the caller's reach. Page thousand costs what page one costs.",
      authScopes: { may: "searchAudit" },
      args: { filter: t.arg({ type: FilterRef }) },
      resolve: async (_root, { filter, ...args }, { principal }) => {
        const page = forwardPage(args);
        if (principal.kind === "anonymous") throw new NotFoundError();
        const { lock, employee, kinds, from, to, order } = filter ?? {};
        const found = await searchEntries(deps.sql, {
          tenant: principal.tenant,
          within: reachOf(deps, principal),
          lock: lockKey(deps, principal, lock ?? undefined),
          person: await personKey(deps, principal, employee ?? undefined),
          kinds: readKinds(kinds ?? undefined),
          from: from?.getTime(),
          to: to?.getTime(),
          beyond: readCursor(page.after),
          order: order ?? "newestFirst",
          limit: page.size + 1,
        });
        return connectionOf(found, page, cursorOf);
      },
    }),
  );
  return { JournalEntryRef: EntryRef };
}

function cursorOf({ epoch, sequence }: JournalEntry): string {
  return cursorText({ epoch, sequence });
}

function addEntry(builder: PortnerBuilder, deps: JournalGraphqlDeps): PortnerRef<JournalEntry> {
  const { refs, lockOf, staff, tables } = deps;
  return builder.objectRef<JournalEntry>("JournalEntry").implement({
    ...INHERITS_RULE,
    description: "What happened, as it was recorded. Never changed.",
    fields: (t) => ({
      id: t.id({ resolve: cursorOf }),
      cursor: t.field({ type: "Cursor", resolve: ({ epoch, sequence }) => ({ epoch, sequence }) }),
      kind: t.exposeString("kind"),
      occurredAt: t.expose("occurredAt", { type: "DateTime" }),
      recordedAt: t.expose("recordedAt", { type: "DateTime" }),
      lock: t.field({
        type: refs.LockRef,
        nullable: true,
        resolve: ({ lock }) => (lock === undefined ? null : lockOf(lock)),
      }),
      person: t.field({
        type: refs.ActorRef,
        nullable: true,
        description: "The employee whom it is about, or who did it with an own device.",
        resolve: async ({ person }): Promise<ShownActor | null> => {
          const card = person === undefined ? undefined : (await staff.find([person])).get(person);
          if (card === undefined) return null;
          return { personId: card.personId, employeeId: card.employeeId, name: card.name, pseudonym: null };
        },
      }),
      credential: t.loadable({
        type: refs.CredentialRef,
        nullable: true,
        load: async (ids: number[]) => [...(await credentialsByIds(tables, ids))],
        sort: (row) => row.id,
        resolve: ({ credential }) => credential,
      }),
      actor: t.field({
        type: refs.ActorRef,
        nullable: true,
        description: "The account that did it, where it was done from a dashboard.",
        resolve: async ({ actor }): Promise<ShownActor | null> => {
          if (actor === undefined) return null;
          return { personId: null, employeeId: null, name: (await staff.accountName(actor)) ?? null, pseudonym: null };
        },
      }),
      command: t.id({
        nullable: true,
        resolve: ({ command }) => (command === undefined ? null : globalIdText("Command", command)),
      }),
      data: t.string({
        description: "Codes and measurements as JSON.",
        resolve: ({ data }) => shownData(data),
      }),
    }),
  });
}

/** Everything, or only what concerns locks and people of the departments that the caller may search. */
function reachOf(deps: JournalGraphqlDeps, principal: KnownPrincipal): EntrySearch["within"] {
  const { tenant } = principal;
  if (authorise(principal, "searchAudit", { tenant }).ok) return undefined;
  const own = actsFor(principal).departments.filter(
    (department) => authorise(principal, "searchAudit", { tenant, department }).ok,
  );
  const locks = deps.directory.ofTenant(tenant).filter((place) => place.departments.some((each) => own.includes(each)));
  const persons = [...deps.index.facts.persons].filter(
    ([, person]) => person.tenant === tenant && person.department !== null && own.includes(person.department),
  );
  return { locks: locks.map((place) => place.lock), persons: persons.map(([person]) => person) };
}

function lockKey(deps: JournalGraphqlDeps, { tenant }: KnownPrincipal, id: string | undefined): number | undefined {
  if (id === undefined) return undefined;
  const place = deps.directory.byId(parseGlobalId(id).id);
  if (place === undefined || place.tenant !== tenant) throw new NotFoundError(undefined, ["filter", "lock"]);
  return place.lock;
}

async function personKey(
  { tables }: JournalGraphqlDeps,
  { tenant }: KnownPrincipal,
  externalId: string | undefined,
): Promise<number | undefined> {
  if (externalId === undefined) return undefined;
  const person = await personByExternalId(tables, { tenant, externalId });
  if (person === undefined) throw new NotFoundError(undefined, ["filter", "employee"]);
  return person.id;
}

function readKinds(kinds: readonly string[] | undefined): readonly EntryKindName[] | undefined {
  if (kinds === undefined) return undefined;
  if (kinds.length > KINDS_MAX) throw new InvalidInputError(`at most ${KINDS_MAX} kinds`, ["filter", "kinds"]);
  return kinds.map((kind) => {
    if (!isEntryKind(kind)) throw new InvalidInputError(`no entries are of kind \`${kind}\``, ["filter", "kinds"]);
    return kind;
  });
}

function readCursor(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  const revision = parseCursor(after);
  if (revision === undefined) throw new InvalidInputError("a cursor is one that an earlier answer gave", ["after"]);
  return revision.sequence;
}
