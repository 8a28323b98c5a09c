import type { GraphQLSchema } from "graphql";
import { extendAccess } from "../access/graphql.ts";
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
import { extendLocks } from "../locks/graphql/graphql.ts";
import { extendPeople } from "../people/graphql.ts";
import { WrongCodes, type EndSessions } from "../people/index.ts";
import { extendPlaces } from "../places/graphql.ts";
import { LockInvolvement } from "../access/index.ts";
import type { HubCore } from "./core.ts";
import type { BrokerCredentials } from "./hub-options.ts";

/** What the schema's resolvers stand on. */
export interface SchemaDeps {
  readonly core: HubCore;
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
  const { core, clock, random, log, sessions, passwords, endSessions } = deps;
  const { database, hub, recorder, index, link, tail } = core;
  const { tables } = database;
  const builder = createBuilder<Principal, Operation>({ may: mayAtAll });
  const common = { database, hub, clock, random, log, tables };
  extendIdentity(builder, { ...common, passwords, sessions });
  extendPeople(builder, {
    ...common,
    wrongCodes: new WrongCodes(clock),
  });
  const places = extendPlaces(builder, { ...common, recorder });
  const locks = extendLocks(builder, {
    ...common,
    directory: core.directory,
    registry: link.registry,
    fleet: link.fleet,
    involvement: new LockInvolvement(index, clock),
    refs: places,
    commissioning: {
      ...common,
      keyring: link.keyring,
      brokerUrl: deps.brokerUrl,
      publishCredential: (lock) => deps.brokerCredentials.add(lock),
    },
  });
  extendAccess(
    builder,
    { ...common, endSessions, index, registry: link.registry, opening: core.opening, poke: () => tail.poke() },
    { ...places, locks },
  );
  return builder.toSchema();
}
