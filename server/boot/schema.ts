import type { GraphQLSchema } from "graphql";
import { extendAccess } from "../access/graphql.ts";
import { extendAttention } from "../access/events/graphql/attention.ts";
import { extendDoorEvents } from "../access/events/graphql/graphql.ts";
import type { DoorEvents } from "../access/events/index.ts";
import { extendJournal } from "../access/graphql/journal.ts";
import { extendSearch } from "../access/graphql/search.ts";
import { createBuilder } from "../graphql/builder.ts";
import {
  extendIdentity,
  mayAtAll,
  type Operation,
  type Passwords,
  type Principal,
  type SessionIndex,
} from "../identity/index.ts";
import type { HubClock } from "../kernel/hub-clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import { WrongTries } from "../kernel/wrong-tries.ts";
import { extendLocks } from "../locks/graphql/graphql.ts";
import { extendPeople } from "../people/graphql.ts";
import type { EndSessions } from "../people/index.ts";
import { extendPlaces } from "../places/graphql.ts";
import { AddressBook } from "../places/index.ts";
import type { HubCore } from "./core.ts";
import type { BrokerCredentials } from "./hub-options.ts";

/** How long an act waits for what the journal knows and this hub does not yet. */
const CATCH_UP_MS = 1_000;

/** What the schema's resolvers stand on. */
export interface SchemaDeps {
  readonly core: HubCore;
  /** Follows the core's tail. */
  readonly events: DoorEvents;
  readonly clock: HubClock;
  readonly random: Random;
  readonly log: Log;
  readonly sessions: SessionIndex;
  readonly passwords: Passwords;
  readonly endSessions: EndSessions;
  readonly brokerUrl: string;
  readonly brokerCredentials: BrokerCredentials;
}

/** Puts the whole schema together, lowest floor first. */
export function createSchema(deps: SchemaDeps): GraphQLSchema {
  const { core, events, clock, random, log, sessions, passwords, endSessions } = deps;
  const { database, hub, recorder, index, link, tail } = core;
  const { tables } = database;
  const builder = createBuilder<Principal, Operation>({ may: mayAtAll });
  const sight = { seenUpTo: () => tail.position.sequence, catchUp: () => index.refreshed(CATCH_UP_MS) };
  const common = { database, hub, clock, random, log, tables, sight };
  extendIdentity(builder, { ...common, passwords, sessions });
  const people = extendPeople(builder, { ...common, wrongCodes: new WrongTries(clock) });
  const places = extendPlaces(builder, { ...common, recorder });
  const locks = extendLocks(builder, {
    ...common,
    directory: core.directory,
    registry: link.registry,
    fleet: link.fleet,
    involvement: events.involvement,
    refs: places,
    commissioning: {
      ...common,
      keyring: link.keyring,
      brokerUrl: deps.brokerUrl,
      publishCredential: (lock) => deps.brokerCredentials.add(lock),
      withdrawCredential: (lock) => deps.brokerCredentials.remove(lock),
      poke: () => tail.poke(),
    },
  });
  const opening = extendAccess(
    builder,
    { ...common, endSessions, index, registry: link.registry, opening: core.opening, poke: () => tail.poke() },
    { ...places, locks },
  );
  const { LockRef, lockOf, rights } = locks;
  const { directory } = core;
  const { ActorRef } = extendDoorEvents(builder, { events, lockOf, refs: { LockRef, ...opening } });
  extendAttention(builder, { events, lockOf, refs: { LockRef, ...opening } });
  const { CredentialRef, PersonRef } = people;
  const { staff, sql } = events;
  extendJournal(builder, { sql, tables, directory, index, staff, lockOf, refs: { LockRef, ActorRef, CredentialRef } });
  const book = new AddressBook(tables);
  book.follow(tail);
  extendSearch(builder, {
    tables,
    book,
    directory,
    rights,
    lockOf,
    refs: { LockRef, PersonRef, AddressRef: places.AddressRef },
  });
  return builder.toSchema();
}
