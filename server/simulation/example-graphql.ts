import type { GraphQLSchema } from "graphql";
import { Lane } from "../graphql/allowance/lane.ts";
import { createBuilder } from "../graphql/builder.ts";
import type { Caller } from "../graphql/caller.ts";
import { ConflictError, InvalidInputError, LockUnreachableError, NotFoundError } from "../graphql/errors.ts";
import { patienceMs } from "../graphql/patience.ts";
import { pageSize } from "../graphql/page.ts";
import { INHERITS_RULE } from "../graphql/rules.ts";
import { pause, systemClock } from "../kernel/clock.ts";
import { JournalUnavailableError, PortnerError } from "../kernel/errors.ts";

/** A caller of the example: may do what its list says. */
export interface ExampleCaller extends Caller {
  readonly name: string;
  readonly operations: readonly string[];
}

/** Makes a caller of the example. */
export function exampleCaller(input: Partial<ExampleCaller> = {}): ExampleCaller {
  const name = input.name ?? "karen";
  return {
    key: name,
    anonymous: false,
    ambient: false,
    ended: new AbortController().signal,
    name,
    operations: ["openDoor"],
    ...input,
  };
}

/** What happens behind the example's fields. */
export interface ExampleDeps {
  /** Source of the subscription `ticks`. */
  readonly ticks: () => AsyncIterable<number>;
  /** Called by `slow`, `alarmSlowly` and `farewell`; the field answers when it resolves. */
  readonly slow: () => Promise<string>;
}

/** A failure that nobody foresaw, holding something that must not leak. */
class SecretMishap extends PortnerError {
  constructor() {
    super("MISHAP", "password of karen is `hunter2`");
  }
}

/** What the mutation `open` is told to run into. */
const FAILURES: Readonly<Record<string, () => Error>> = {
  missing: () => new NotFoundError(),
  conflict: () => new ConflictError("the key was used for another door", "IDEMPOTENCY_CONFLICT", ["idempotencyKey"]),
  offline: () => new LockUnreachableError(),
  journal: () => new JournalUnavailableError("the journal is away"),
  mishap: () => new SecretMishap(),
};

/** The example's lanes: two that are reserved, of which others wait for one, and one that is charged beside all else. */
const EXAMPLE_LANES = {
  alarms: new Lane({ name: "alarms", capacity: 3, restorePerSecond: 0.5, reserved: true, first: true }),
  farewells: new Lane({ name: "farewells", capacity: 2, restorePerSecond: 0.1, reserved: true, first: false }),
  leaves: new Lane({ name: "leaves", capacity: 2, restorePerSecond: 0.1, reserved: false, first: false }),
} as const;

/** A schema as a domain would build it, small enough to see every rule and limit of the kit at work. */
export function exampleSchema(deps: ExampleDeps): GraphQLSchema {
  const builder = createBuilder<ExampleCaller, "openDoor" | "placeBlock">({
    may: (caller, operation) => caller.operations.includes(operation),
  });
  const Door = builder.objectRef<{ id: string; name: string }>("Door");
  builder.node(Door, {
    id: { resolve: (door) => door.id },
    authScopes: { signedIn: true },
    loadOne: (id) => ({ id, name: `door ${id}` }),
    fields: (t) => ({ name: t.exposeString("name"), neighbour: t.field({ type: Door, resolve: (door) => door }) }),
  });
  const OpenSuccess = builder.objectRef<{ door: string }>("OpenSuccess");
  OpenSuccess.implement({ ...INHERITS_RULE, fields: (t) => ({ door: t.exposeString("door") }) });

  builder.queryFields((t) => ({
    hello: t.string({ authScopes: { open: true }, resolve: () => "world" }),
    me: t.string({ authScopes: { signedIn: true }, resolve: (_, _args, { principal }) => principal.name }),
    blocks: t.string({ authScopes: { may: "placeBlock" }, resolve: () => "all" }),
    at: t.field({
      type: "DateTime",
      args: { at: t.arg({ type: "DateTime", required: true }) },
      authScopes: { open: true },
      resolve: (_, { at }) => at,
    }),
    cursor: t.field({
      type: "Cursor",
      args: { after: t.arg({ type: "Cursor", required: true }) },
      authScopes: { open: true },
      resolve: (_, { after }) => after,
    }),
    doors: t.connection({
      type: Door,
      authScopes: { signedIn: true },
      resolve: (_, { first }) => doorsPage(pageSize(first)),
    }),
    fail: t.string({
      authScopes: { open: true },
      args: { how: t.arg.string({ required: true }) },
      resolve: (_, { how }) => failAs(how),
    }),
    slow: t.string({ authScopes: { open: true }, resolve: () => deps.slow() }),
  }));
  addLaneMutations(builder, deps);
  builder.mutationFields((t) => ({
    alarmAll: t.field({
      type: [Door],
      authScopes: { signedIn: true },
      extensions: EXAMPLE_LANES.alarms.extensions,
      resolve: () => [{ id: "d1", name: "door 1" }],
    }),
    open: t.field({
      type: OpenSuccess,
      authScopes: { may: "openDoor" },
      args: { how: t.arg.string({ required: true }) },
      errors: { types: [LockUnreachableError] },
      resolve: (_, { how }) => (how === "well" ? { door: "d1" } : { door: failAs(how) }),
    }),
  }));
  builder.subscriptionFields((t) => ({
    ticks: t.int({ authScopes: { signedIn: true }, subscribe: () => deps.ticks(), resolve: (tick: number) => tick }),
  }));
  return builder.toSchema();
}

type ExampleBuilder = ReturnType<typeof createBuilder<ExampleCaller, "openDoor" | "placeBlock">>;

/** Mutations that go by lanes of their own, and one that waits on purpose. */
function addLaneMutations(builder: ExampleBuilder, deps: ExampleDeps): void {
  const authScopes = { signedIn: true } as const;
  builder.mutationFields((t) => ({
    alarm: t.string({ authScopes, extensions: EXAMPLE_LANES.alarms.extensions, resolve: () => "heard" }),
    alarmSlowly: t.string({ authScopes, extensions: EXAMPLE_LANES.alarms.extensions, resolve: () => deps.slow() }),
    farewell: t.string({ authScopes, extensions: EXAMPLE_LANES.farewells.extensions, resolve: () => deps.slow() }),
    patient: t.string({
      authScopes,
      resolve: async (_, _args, context) => {
        await pause(systemClock, patienceMs(context, 60_000));
        return "told";
      },
    }),
    leave: t.string({ authScopes, extensions: EXAMPLE_LANES.leaves.extensions, resolve: () => "left" }),
  }));
}

function doorsPage(size: number) {
  const doors = Array.from({ length: size }, (_each, i) => ({ id: `d${i}`, name: `door ${i}` }));
  const edges = doors.map((node) => ({ cursor: node.id, node }));
  return { edges, pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: "d0", endCursor: "dx" } };
}

function failAs(how: string): never {
  throw FAILURES[how]?.() ?? new InvalidInputError(`no way to fail \`${how}\``, ["how"]);
}
