import { subscribe, graphql, parse, type ExecutionResult, type GraphQLSchema } from "graphql";
import { DoorEvents } from "../access/events/index.ts";
import { extendAttention } from "../access/events/graphql/attention.ts";
import { extendDoorEvents } from "../access/events/graphql/graphql.ts";
import { extendAccess } from "../access/graphql.ts";
import { extendJournal } from "../access/graphql/journal.ts";
import { extendSearch } from "../access/graphql/search.ts";
import { LockInvolvement } from "../access/index.ts";
import { followTail, loadCore, type HubCore } from "../boot/core.ts";
import { createBuilder } from "../graphql/builder.ts";
import { makePolicy, mayAtAll, type HeldRole, type Operation, type Principal } from "../identity/index.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { createHubClock } from "../kernel/hub-clock.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { WrongTries } from "../kernel/wrong-tries.ts";
import { extendLocks } from "../locks/graphql/graphql.ts";
import { extendPeople } from "../people/graphql.ts";
import { extendPlaces } from "../places/graphql.ts";
import { AddressBook } from "../places/index.ts";
import { signedClaim } from "./claim.ts";
import { townDatabase, type TownDatabase } from "./town.ts";

/** A town whose hub follows the journal and answers GraphQL, without a broker: what locks say is recorded by the test. */
export interface SchemaTown {
  readonly town: TownDatabase;
  readonly core: HubCore;
  readonly events: DoorEvents;
  readonly schema: GraphQLSchema;
  ask(source: string, principal: Principal, variables?: Record<string, unknown>): Promise<ExecutionResult>;
  /** Subscribes; throws when the answer is an error at once. */
  listen(
    source: string,
    principal: Principal,
    variables?: Record<string, unknown>,
  ): Promise<AsyncIterableIterator<ExecutionResult>>;
  /** Commissions the first `count` locks of the world and waits until the hub knows their units. */
  commission(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** How a town is set up. */
export interface SchemaTownOptions {
  readonly locks?: number;
  /** Clock by which locks are shown; tests move it to let locks fall silent. */
  readonly lockClock?: Clock;
  /** Whether the tail LISTENs. */
  readonly listen?: boolean;
  readonly beatMs?: number;
}

const caller = { key: "198.51.100.7", anonymous: false, ambient: false, ended: new AbortController().signal };
const policy = makePolicy("twoPersons");

/** An account with these roles. */
export function dashboardOf(tenant: number, roles: readonly HeldRole[], person?: number): Principal {
  const own = {
    account: 5,
    accountId: "a5",
    name: "n",
    municipality: "Fjordby",
    session: 1,
    expiresAt: 0,
    person,
    roles,
  };
  return { ...caller, ...own, kind: "dashboard", tenant, policy };
}

/** An integrator's token with these scopes. */
export function tokenOf(tenant: number, scopes: Extract<Principal, { kind: "token" }>["scopes"]): Principal {
  return { ...caller, kind: "token", token: 1, tokenId: "t1", name: "n", tenant, scopes, policy, expiresAt: 0 };
}

/** A phone of this person. */
export function phoneOf(tenant: number, person: number, department?: number): Principal {
  const own = { credential: 1, credentialId: "c1", person, personId: "p", session: 1, expiresAt: 0, department };
  return { ...caller, ...own, kind: "phone", tenant, policy };
}

/** Nobody who has signed in. */
export const nobody: Principal = { ...caller, kind: "anonymous", anonymous: true };

/** Sets a town up and has its hub follow the journal. */
export async function startSchemaTown(options: SchemaTownOptions = {}): Promise<SchemaTown> {
  const town = await townDatabase({ locks: options.locks ?? 40 });
  const clock = createHubClock(systemClock);
  const core = await loadCore({
    hub: newId(systemRandom),
    version: "test",
    databaseUrl: town.url,
    // Nobody listens there: these tests speak for the locks.
    broker: { url: "mqtt://127.0.0.1:9", user: "hub-of-nobody", secret: "none" },
    sealing: town.sealing,
    clock,
    machineClock: systemClock,
    random: systemRandom,
    log: silentLog,
    migrateOnBoot: false,
    disturbance: { listen: options.listen ?? true },
  });
  const { database, directory, index } = core;
  const events = new DoorEvents({
    ...{ database, clock, index, directory, pseudonymSecret: "secret" },
    involvement: new LockInvolvement(index, clock),
  });
  followTail(core);
  events.follow(core.tail);
  core.tail.start();
  const schema = buildSchema(core, events, options);
  const ask: SchemaTown["ask"] = (source, principal, variableValues = {}) =>
    graphql({ schema, source, variableValues, contextValue: contextOf(principal) });
  const stop = async (): Promise<void> => {
    await core.stop();
    await town.drop();
  };
  const listen: SchemaTown["listen"] = async (source, principal, variableValues = {}) => {
    const stream = await subscribe({
      ...{ schema, document: parse(source), variableValues },
      contextValue: contextOf(principal),
    });
    if (Symbol.asyncIterator in stream) return stream;
    throw new PortnerError(
      "REFUSED",
      JSON.stringify(
        stream.errors?.map(({ message, extensions, originalError }) => ({ message, extensions, originalError })),
      ),
    );
  };
  return {
    town,
    core,
    events,
    schema,
    ask,
    listen,
    stop,
    commission: (count) => commissionSome(town, core, { ask, count }),
  };
}

function contextOf(principal: Principal): object {
  return { principal, transport: { kind: "socket", secure: true, address: "198.51.100.7" } };
}

function buildSchema(core: HubCore, events: DoorEvents, options: SchemaTownOptions): GraphQLSchema {
  const { database, hub, recorder, index, link, tail, directory } = core;
  const { tables } = database;
  const sight = { seenUpTo: () => tail.position.sequence, catchUp: () => index.refreshed(1_000) };
  const clock = systemClock;
  const common = { database, hub, clock, random: systemRandom, log: silentLog, tables, sight };
  const builder = createBuilder<Principal, Operation>({ may: mayAtAll });
  const people = extendPeople(builder, { ...common, wrongCodes: new WrongTries(clock) });
  const places = extendPlaces(builder, { ...common, recorder });
  const beat = options.beatMs === undefined ? {} : { beatMs: options.beatMs };
  const locks = extendLocks(builder, {
    ...{ tables, directory, registry: link.registry, fleet: link.fleet, ...beat },
    clock: options.lockClock ?? clock,
    involvement: events.involvement,
    refs: places,
    commissioning: {
      ...common,
      keyring: link.keyring,
      brokerUrl: "mqtts://broker.example.test",
      publishCredential: () => Promise.resolve(),
      withdrawCredential: () => Promise.resolve(),
      poke: () => tail.poke(),
    },
  });
  const opening = extendAccess(
    builder,
    {
      ...{ ...common, index, registry: link.registry, opening: core.opening, poke: () => tail.poke() },
      endSessions: () => Promise.resolve([]),
    },
    { ...places, locks },
  );
  const { lockOf, LockRef, rights } = locks;
  const { ActorRef } = extendDoorEvents(builder, { events, lockOf, refs: { LockRef, ...opening }, ...beat });
  extendJournal(builder, {
    ...{ tables, directory, index, lockOf, sql: database.reader, staff: events.staff },
    refs: { LockRef, ActorRef, CredentialRef: people.CredentialRef },
  });
  extendAttention(builder, { events, lockOf, refs: { LockRef, ...opening } });
  const book = new AddressBook(tables);
  extendSearch(builder, { tables, book, directory, rights, lockOf, refs: { LockRef, ...places, ...people } });
  return builder.toSchema();
}

const COMMISSION = `mutation ($input: CommissionLockUnitInput!) { commissionLockUnit(input: $input) {
  __typename ... on UserError { code message } } }`;

async function commissionSome(
  { world }: TownDatabase,
  { link, tail }: HubCore,
  { ask, count }: { readonly ask: SchemaTown["ask"]; readonly count: number },
): Promise<void> {
  for (const { serial, claim } of world.locks.slice(0, count)) {
    const { data, errors } = await ask(COMMISSION, nobody, { input: signedClaim({ serial, claim }) });
    if (Object(data?.commissionLockUnit).__typename !== "CommissionLockUnitSuccess") {
      throw new PortnerError("NOT_COMMISSIONED", JSON.stringify({ data, errors }));
    }
  }
  tail.poke();
  const deadline = systemClock.monotonic() + 10_000;
  while (link.registry.size < count) {
    if (systemClock.monotonic() > deadline)
      throw new PortnerError("NOT_COMMISSIONED", "the hub does not know the units");
    await new Promise<void>((resolve) => void systemClock.after(20, resolve));
  }
}
