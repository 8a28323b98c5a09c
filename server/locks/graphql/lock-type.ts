import { ForbiddenError } from "../../graphql/errors.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import type { PortnerBuilder, Principal } from "../../identity/index.ts";
import type { Tables } from "../../kernel/database.ts";
import { addressesByIds, doorsByIds } from "../../places/index.ts";
import { HEARTBEAT_MS } from "@portner/schema/mqtt";
import { LOCK_PROBLEM_SENTENCES, type LockProblem } from "../lock-problem.ts";
import type { LockRights } from "../lock-rights.ts";
import { viewOf, type LockSources, type LockView } from "../lock-view.ts";
import type { FactValue, LockEnums } from "./enums.ts";
import type { LockRef, LowerRefs } from "./refs.ts";

/** What the type `Lock` stands on. */
export interface LockTypeDeps extends LockSources {
  readonly tables: Tables;
  readonly rights: LockRights;
  readonly refs: LowerRefs;
}

interface ShownFact {
  readonly value: FactValue;
  readonly at: number | null;
  readonly now: number;
}

/** Adds `Lock` and the values it is made of. */
export function addLockType(builder: PortnerBuilder, deps: LockTypeDeps, enums: LockEnums): LockRef {
  const LockRef = builder.objectRef<LockView>("Lock");
  const { rights } = deps;
  builder.node(LockRef, {
    description: "A lock on a door, with what is known of it and how old that is. It is shown to whoever may see it.",
    id: { resolve: ({ place }) => place.lockId },
    authScopes: { signedIn: true },
    loadOne: (id, { principal }) => {
      const place = deps.directory.byId(id);
      return place !== undefined && rights.maySee(principal, place) ? viewOf(deps, place) : null;
    },
    fields: (t) => ({
      serial: t.string({ resolve: ({ place }) => place.serial }),
      model: t.string({ resolve: ({ place }) => place.model }),
      addressText: t.string({
        description: "The address as people write it.",
        resolve: ({ place }) => place.addressText,
      }),
      inService: t.exposeBoolean("inService", { description: "Whether a unit is commissioned." }),
      place: t.loadable({
        type: deps.refs.DoorRef,
        load: async (ids: number[]) => [...(await doorsByIds(deps.tables, ids))],
        sort: (row) => row.id,
        resolve: ({ place }) => place.door,
      }),
      address: t.loadable({
        type: deps.refs.AddressRef,
        load: async (ids: number[]) => [...(await addressesByIds(deps.tables, ids))],
        sort: (row) => row.id,
        resolve: ({ place }) => place.address,
      }),
    }),
  });
  addStatus(builder, LockRef, { rights, enums });
  addReadings(builder, LockRef, rights);
  return LockRef;
}

function status(rights: LockRights) {
  return ({ place }: LockView, _args: object, { principal }: { readonly principal: Principal }): boolean => {
    if (rights.maySeeStatus(principal, place)) return true;
    throw new ForbiddenError("FORBIDDEN", "the status of this lock is not yours to see");
  };
}

function addStatus(
  builder: PortnerBuilder,
  LockRef: LockRef,
  { rights, enums }: { readonly rights: LockRights; readonly enums: LockEnums },
): void {
  const FactRef = addFact(builder, enums);
  const ProblemRef = addProblem(builder, enums);
  const FreshnessRef = addFreshness(builder, enums);
  const authScopes = status(rights);
  const fact = ({ board, at }: LockView, name: "bolt" | "latch" | "door"): ShownFact => {
    const { value, at: since } = board?.state[name] ?? { value: "unknown", at: null };
    return { value, at: since, now: at };
  };
  builder.objectFields(LockRef, (t) => ({
    quarantined: t.boolean({
      authScopes,
      description: "Opens for nobody until looked at.",
      resolve: ({ quarantinedAt }) => quarantinedAt !== null,
    }),
    bolt: t.field({ type: FactRef, authScopes, resolve: (view) => fact(view, "bolt") }),
    latch: t.field({ type: FactRef, authScopes, resolve: (view) => fact(view, "latch") }),
    door: t.field({ type: FactRef, authScopes, resolve: (view) => fact(view, "door") }),
    freshness: t.field({ type: FreshnessRef, authScopes, resolve: (view) => view }),
    problems: t.field({
      type: [ProblemRef],
      authScopes,
      description: "The most urgent first; a low battery is told to whoever may see the battery.",
      resolve: (view, _args, { principal }) => [...rights.seenProblems(principal, view)],
    }),
  }));
}

function addFact(builder: PortnerBuilder, { FactValueRef }: LockEnums) {
  return builder.objectRef<ShownFact>("Fact").implement({
    ...INHERITS_RULE,
    description:
      "One fact of a door, as signed events told it. `UNKNOWN` until reported, and after a move without an end.",
    fields: (t) => ({
      value: t.field({ type: FactValueRef, resolve: ({ value }) => value }),
      at: t.field({ type: "DateTime", nullable: true, resolve: ({ at }) => at }),
      ageMs: t.float({ nullable: true, resolve: ({ at, now }) => (at === null ? null : Math.max(0, now - at)) }),
    }),
  });
}

function addProblem(builder: PortnerBuilder, { LockProblemCodeRef }: LockEnums) {
  const SentenceRef = builder.objectRef<{ readonly da: string; readonly en: string }>("Sentence").implement({
    ...INHERITS_RULE,
    description: "A sentence in the languages of the screens.",
    fields: (t) => ({ da: t.exposeString("da"), en: t.exposeString("en") }),
  });
  return builder.objectRef<LockProblem>("LockProblem").implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      code: t.field({ type: LockProblemCodeRef, resolve: ({ code }) => code }),
      sentence: t.field({ type: SentenceRef, resolve: ({ code }) => LOCK_PROBLEM_SENTENCES[code] }),
      since: t.expose("since", { type: "DateTime", nullable: true, description: "Null where the hub can't know." }),
    }),
  });
}

function addFreshness(builder: PortnerBuilder, { FreshnessStateRef }: LockEnums) {
  return builder.objectRef<LockView>("Freshness").implement({
    ...INHERITS_RULE,
    description: "How long ago the lock was heard, by its own heartbeat: late after 1.5 of them, silent after 3.",
    fields: (t) => ({
      state: t.field({ type: FreshnessStateRef, resolve: ({ freshness }) => freshness }),
      heardAt: t.field({ type: "DateTime", nullable: true, resolve: ({ board }) => board?.heardAt ?? null }),
      ageMs: t.float({
        nullable: true,
        resolve: ({ board, at }) => (board?.heardAt === undefined ? null : Math.max(0, at - board.heardAt)),
      }),
      intervalMs: t.int({ resolve: ({ board }) => board?.telemetry?.intervalMs ?? HEARTBEAT_MS }),
    }),
  });
}

function addReadings(builder: PortnerBuilder, LockRef: LockRef, rights: LockRights): void {
  const BatteryRef = builder.objectRef<LockView>("Battery").implement({
    ...INHERITS_RULE,
    description: "Four AA cells; 4,000 mV are empty, 6,600 mV fresh.",
    fields: (t) => ({
      idleMillivolts: t.int({ nullable: true, resolve: ({ board }) => board?.telemetry?.batteryIdleMillivolts }),
      loadMillivolts: t.int({
        nullable: true,
        description: "Lowest voltage of the last motor run. Null before the first.",
        resolve: ({ board }) => board?.telemetry?.batteryLoadMillivolts ?? board?.state.batteryLoadMillivolts,
      }),
      at: t.field({ type: "DateTime", nullable: true, resolve: ({ board }) => board?.telemetryAt }),
    }),
  });
  const ClockRef = builder.objectRef<{ readonly trusted: boolean; readonly errorMs: number }>("LockClock").implement({
    ...INHERITS_RULE,
    fields: (t) => ({ trusted: t.exposeBoolean("trusted"), errorMs: t.exposeInt("errorMs") }),
  });
  const authScopes = status(rights);
  builder.objectFields(LockRef, (t) => ({
    battery: t.field({
      type: BatteryRef,
      nullable: true,
      description: "Null before the first reading, and for whoever may not see batteries.",
      authScopes: { signedIn: true },
      resolve: (view, _args, { principal }) => {
        const read = view.board?.telemetry !== undefined || typeof view.board?.state.batteryLoadMillivolts === "number";
        return read && rights.maySeeBattery(principal, view.place) ? view : null;
      },
    }),
    signalDbm: t.int({ nullable: true, authScopes, resolve: ({ board }) => board?.telemetry?.rssiDbm }),
    firmware: t.string({
      nullable: true,
      authScopes,
      resolve: ({ board, place }) => board?.telemetry?.firmware ?? place.firmware,
    }),
    clock: t.field({
      type: ClockRef,
      nullable: true,
      authScopes,
      resolve: ({ board }) => {
        const telemetry = board?.telemetry;
        return telemetry === undefined ? null : { trusted: telemetry.clockTrusted, errorMs: telemetry.clockErrorMs };
      },
    }),
  }));
}
