import type { DenialReason } from "@portner/schema/access";
import type { SchemaShape } from "../../../graphql/builder.ts";
import { INHERITS_RULE } from "../../../graphql/rules.ts";
import { globalIdText } from "../../../graphql/scalars.ts";
import type { Operation, PortnerBuilder, Principal } from "../../../identity/index.ts";
import { entryById } from "../../../journal/index.ts";
import { isUuid } from "../../../kernel/ids.ts";
import type { CommandState, LockView } from "../../../locks/index.ts";
import {
  DOOR_EVENT_TYPES,
  doorEventOf,
  VIAS,
  type DoorEvent,
  type DoorEventType,
  type DoorHappening,
} from "../door-event.ts";
import { shownActor, type ShownActor } from "../event-rights.ts";
import type { DoorEvents } from "../door-events.ts";

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaShape<Principal, Operation>>;
type Ref<Value> = PothosSchemaTypes.ObjectRef<Types, Value>;
type Enum<Value> = PothosSchemaTypes.EnumRef<Types, Value>;

/** Types of other parts that door events use. */
export interface EventTypeRefs {
  readonly LockRef: Ref<LockView>;
  readonly DenialReasonRef: Enum<DenialReason>;
  readonly NextStepRef: Ref<DenialReason>;
  readonly CommandStateRef: Enum<CommandState>;
}

/** What the types of door events stand on. */
export interface EventTypeDeps {
  readonly events: DoorEvents;
  readonly lockOf: (lock: number) => LockView | undefined;
  readonly refs: EventTypeRefs;
}

/** Adds the interface `DoorEvent`, its fourteen types and `Actor`. */
export function addEventTypes(builder: PortnerBuilder, deps: EventTypeDeps) {
  const DoorEventTypeRef = builder.enumType("DoorEventType", {
    values: Object.fromEntries(DOOR_EVENT_TYPES.map((type) => [constantCase(type), { value: type }])),
  });
  const ActorRef = addActor(builder);
  const DoorEventRef = addInterface(builder, deps, ActorRef);
  addPlainTypes(builder, deps, DoorEventRef);
  addDetailedTypes(builder, deps, DoorEventRef);
  return { ActorRef, DoorEventRef, DoorEventTypeRef };
}

function constantCase(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

function addActor(builder: PortnerBuilder) {
  return builder.objectRef<ShownActor>("Actor").implement({
    ...INHERITS_RULE,
    description: "Whoever is behind an event, as the reader may know them: by name, by user id, or by pseudonym only.",
    fields: (t) => ({
      personId: t.id({
        nullable: true,
        resolve: ({ personId }) => (personId === null ? null : globalIdText("Person", personId)),
      }),
      employeeId: t.exposeString("employeeId", { nullable: true, description: "The care system's user id." }),
      name: t.exposeString("name", { nullable: true }),
      pseudonym: t.exposeString("pseudonym", {
        nullable: true,
        description: "For integrators: the same for the same person, as long as the token lives.",
      }),
    }),
  });
}

function addInterface(builder: PortnerBuilder, deps: EventTypeDeps, ActorRef: ReturnType<typeof addActor>) {
  const ViaRef = builder.enumType("Via", {
    description: "By what means a door was worked. LOCK: what a lock tells of itself.",
    values: Object.fromEntries(VIAS.map((via) => [via.toUpperCase(), { value: via }])),
  });
  const { lockOf } = deps;
  const { rights } = deps.events;
  return builder.interfaceRef<DoorEvent>("DoorEvent").implement({
    description: "Something that happened at a door, as the journal has it.",
    interfaces: [builder.nodeInterfaceRef()],
    resolveType: (event) => event.happening.type,
    fields: (t) => ({
      occurredAt: t.expose("occurredAt", { type: "DateTime" }),
      receivedAt: t.expose("receivedAt", { type: "DateTime", description: "When it was recorded in the journal." }),
      lock: t.field({
        type: deps.refs.LockRef,
        nullable: true,
        description: "Of a path that was refused as a whole, the first lock on the way.",
        resolve: (event) => {
          const lock = rights.lockOf(event);
          return lock === undefined ? null : lockOf(lock);
        },
      }),
      actor: t.field({
        type: ActorRef,
        nullable: true,
        resolve: (event, _args, { principal }) => actorOf(deps, principal, event),
      }),
      performedVia: t.field({ type: ViaRef, resolve: ({ via }) => via }),
    }),
  });
}

async function actorOf(deps: EventTypeDeps, principal: Principal, event: DoorEvent): Promise<ShownActor | null> {
  const { actor } = event;
  if (actor === undefined) return null;
  const { person, account } = actor;
  const card = person === undefined ? undefined : (await deps.events.staff.find([person])).get(person);
  const detail = deps.events.rights.actorDetail(principal, event);
  const byAccount = card === undefined && detail === "name" && account !== undefined;
  const accountName = byAccount ? await deps.events.staff.accountName(account) : undefined;
  return shownActor(principal, detail, { actor, card, accountName, pseudonymSecret: deps.events.pseudonymSecret });
}

type DoorEventRef = ReturnType<typeof addInterface>;
type EventOf<Type extends DoorEventType> = DoorEvent<Extract<DoorHappening, { readonly type: Type }>>;

/** Adds one type of events; `node(id)` finds it to whoever may see the event. */
function addEventType<Type extends DoorEventType>(
  builder: PortnerBuilder,
  deps: EventTypeDeps,
  {
    type,
    DoorEventRef,
    description,
  }: { readonly type: Type; readonly DoorEventRef: DoorEventRef; readonly description: string },
): Ref<EventOf<Type>> {
  const EventRef = builder.objectRef<EventOf<Type>>(type);
  builder.node(EventRef, {
    description,
    interfaces: [DoorEventRef],
    id: { resolve: (event) => event.entryId },
    authScopes: { signedIn: true },
    loadOne: async (id, { principal }) => {
      const event = isUuid(id) ? await findEvent(deps.events, id) : undefined;
      return event !== undefined && isOf(event, type) && deps.events.rights.maySee(principal, event) ? event : null;
    },
  });
  return EventRef;
}

function isOf<Type extends DoorEventType>(event: DoorEvent, type: Type): event is EventOf<Type> {
  return event.happening.type === type;
}

async function findEvent({ sql, origins }: DoorEvents, entryId: string): Promise<DoorEvent | undefined> {
  const entry = await entryById(sql, entryId);
  if (entry === undefined) return undefined;
  const origin = entry.command === undefined ? undefined : (await origins.find([entry.command])).get(entry.command);
  return doorEventOf(entry, origin);
}

const PLAIN = {
  DoorOpened: "The bolt was withdrawn, on the lock's signed word.",
  DoorLocked: "The bolt was thrown, on the lock's signed word.",
  DoorMoved: "The bolt came to stand where the lock can't tell.",
  PermitUsed: "A smartkey's permit was accepted at the door, without the hub.",
  LockReleased: "A person ended the lock's quarantine.",
} as const;

function addPlainTypes(builder: PortnerBuilder, deps: EventTypeDeps, DoorEventRef: DoorEventRef): void {
  for (const type of ["DoorOpened", "DoorLocked", "DoorMoved", "PermitUsed", "LockReleased"] as const) {
    const EventRef = addEventType(builder, deps, { type, DoorEventRef, description: PLAIN[type] });
    builder.objectField(EventRef, "commandId", (t) =>
      t.id({
        nullable: true,
        description: "The hub's command behind it.",
        resolve: ({ command }) => (command === undefined ? null : globalIdText("Command", command)),
      }),
    );
  }
}

function addDetailedTypes(builder: PortnerBuilder, deps: EventTypeDeps, DoorEventRef: DoorEventRef): void {
  const add = <Type extends DoorEventType>(type: Type, description: string) =>
    addEventType(builder, deps, { type, DoorEventRef, description });
  addDenied(builder, deps, add("DoorDenied", "Somebody was refused, before anything was sent to the lock."));
  addSettled(builder, deps, add("CommandSettled", "A command ended without the door's own word that it opened."));
  builder.objectFields(add("DoorJammed", "The motor gave up before the end of its way."), (t) => ({
    towards: t.string({
      nullable: true,
      description: "withdrawn or thrown.",
      resolve: ({ happening }) => happening.towards,
    }),
  }));
  builder.objectFields(add("DoorLeafMoved", "The door itself was opened or closed."), (t) => ({
    position: t.string({ description: "open, closed or unknown.", resolve: ({ happening }) => happening.position }),
  }));
  builder.objectFields(add("LockRestarted", "The lock started anew."), (t) => ({
    cause: t.string({
      description: "commissioned, power, update or watchdog.",
      resolve: ({ happening }) => happening.cause,
    }),
  }));
  builder.objectFields(add("EventsLost", "The lock overwrote events before they were acknowledged."), (t) => ({
    from: t.int({ resolve: ({ happening }) => happening.from }),
    to: t.int({ resolve: ({ happening }) => happening.to }),
  }));
  builder.objectFields(add("LockTampered", "Somebody tampered with the lock."), (t) => ({
    what: t.string({ description: "cover, force or battery.", resolve: ({ happening }) => happening.what }),
  }));
  builder.objectFields(add("LockQuarantined", "The lock sent what a sound lock can't; it opens for nobody."), (t) => ({
    cause: t.string({ resolve: ({ happening }) => happening.cause }),
  }));
  addRefused(builder, add("RefusedAtDoor", "What the lock itself refused since its last summary."));
}

function addDenied(builder: PortnerBuilder, { refs }: EventTypeDeps, DeniedRef: Ref<EventOf<"DoorDenied">>): void {
  builder.objectFields(DeniedRef, (t) => ({
    nextStep: t.field({
      type: refs.NextStepRef,
      resolve: ({ happening }) => happening.reasons[0] ?? "NO_BASIS",
    }),
    reasons: t.field({
      type: [refs.DenialReasonRef],
      description: "Every reason, most telling first. Empty for whoever may not see the chain.",
      resolve: ({ happening }, _args, { principal }) => (principal.kind === "dashboard" ? [...happening.reasons] : []),
    }),
  }));
}

function addSettled(
  builder: PortnerBuilder,
  { refs }: EventTypeDeps,
  SettledRef: Ref<EventOf<"CommandSettled">>,
): void {
  builder.objectFields(SettledRef, (t) => ({
    commandId: t.id({
      nullable: true,
      resolve: ({ command }) => (command === undefined ? null : globalIdText("Command", command)),
    }),
    state: t.field({ type: refs.CommandStateRef, resolve: ({ happening }) => happening.state }),
    detail: t.string({ nullable: true, description: "Why, as a code.", resolve: ({ happening }) => happening.detail }),
  }));
}

function addRefused(builder: PortnerBuilder, RefusedRef: Ref<EventOf<"RefusedAtDoor">>): void {
  const CountRef = builder.objectRef<{ readonly reason: string; readonly count: number }>("RefusalCount").implement({
    ...INHERITS_RULE,
    fields: (t) => ({ reason: t.exposeString("reason"), count: t.exposeInt("count") }),
  });
  builder.objectFields(RefusedRef, (t) => ({
    counts: t.field({ type: [CountRef], resolve: ({ happening }) => [...happening.counts] }),
  }));
}
