import { DENIAL_GUIDES, DENIAL_REASONS, DenialReason } from "@portner/schema/access";
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  LockUnreachableError,
  NotFoundError,
  UserError,
} from "../../graphql/errors.ts";
import { LiveStream } from "../../graphql/live-stream.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import { globalIdText, parseGlobalId } from "../../graphql/scalars.ts";
import { authorise, type PortnerBuilder, type Principal } from "../../identity/index.ts";
import { COMMAND_STATES, type CommandState, type LockRegistry, type TrackedCommand } from "../../locks/index.ts";
import type { Tables } from "../../kernel/database.ts";
import { addressesByIds, doorsByIds, pathByPublicId, pathsByIds, reaches, reachOf } from "../../places/index.ts";
import type { LocksGraphql } from "../../locks/graphql/graphql.ts";
import { openDoor, type OpenDeps, type OpenFailure } from "./open-door.ts";
import { IDEMPOTENCY_KEY_PATTERN, WAIT_MS_MAX, type Opener, type OpenTarget } from "./request.ts";
import { denialOf, operationById, type CommandRow, type StoredOperation } from "./store.ts";

/** What opening's fields stand on. */
export interface OpeningGraphqlDeps {
  readonly opening: OpenDeps;
  readonly tables: Tables;
  readonly registry: LockRegistry;
}

/** The opening was decided against. `reasons` are for those who may see the chain; everybody gets the next step. */
export class AccessDeniedError extends UserError {
  override readonly name = "AccessDeniedError";
  readonly operation: string;
  readonly reasons: readonly DenialReason[];

  constructor(operation: string, reasons: readonly DenialReason[]) {
    super("ACCESS_DENIED", "the door is not opened for this credential");
    this.operation = operation;
    this.reasons = reasons;
  }
}

interface Opened {
  readonly stored: StoredOperation;
}

/** Adds `openDoor`, `commandChanged` and the types of operations and commands; answers the refs. */
export function extendOpening(builder: PortnerBuilder, deps: OpeningGraphqlDeps, locks: LocksGraphql) {
  const refs = addTypes(builder, locks);
  addOpenDoor(builder, deps, refs);
  addCommandChanged(builder, deps, refs);
  return refs;
}

/** The types that opening adds. */
export type OpeningRefs = ReturnType<typeof addTypes>;

function addTypes(builder: PortnerBuilder, { LockRef, lockOf }: LocksGraphql) {
  const CommandStateRef = builder.enumType("CommandState", {
    description: "Where a command stands (W6). OPENED only on the lock's signed evidence; ABANDONED was never sent.",
    values: Object.fromEntries(COMMAND_STATES.map((state) => [state.toUpperCase(), { value: state }])),
  });
  const DenialReasonRef = builder.enumType("DenialReason", { values: DENIAL_REASONS });
  const NextStepRef = builder.objectRef<DenialReason>("NextStep").implement({
    ...INHERITS_RULE,
    description: "What somebody at the door does next, in the languages of the screens.",
    fields: (t) => ({
      route: t.string({ resolve: (reason) => DENIAL_GUIDES[reason].route }),
      da: t.string({ resolve: (reason) => DENIAL_GUIDES[reason].da.nextStep }),
      en: t.string({ resolve: (reason) => DENIAL_GUIDES[reason].en.nextStep }),
    }),
  });
  const CommandRef = builder.objectRef<CommandRow>("Command").implement({
    ...INHERITS_RULE,
    description: "One command to one lock.",
    fields: (t) => ({
      id: t.id({ resolve: (row) => globalIdText("Command", row.id) }),
      lock: t.field({ type: LockRef, nullable: true, resolve: (row) => lockOf(row.lock) ?? null }),
      op: t.exposeString("op"),
      state: t.field({ type: CommandStateRef, resolve: (row) => stateOf(row) }),
      detail: t.exposeString("detail", { nullable: true, description: "Why, as a code: the lock's or the hub's." }),
      settled: t.exposeBoolean("settled"),
      decidedAt: t.field({ type: "DateTime", resolve: (row) => row.decidedAt }),
      expiresAt: t.field({ type: "DateTime", resolve: (row) => row.expiresAt }),
    }),
  });
  const OperationRef = builder.objectRef<StoredOperation>("Operation").implement({
    ...INHERITS_RULE,
    description: "One request to open, over all doors of its path.",
    fields: (t) => ({
      id: t.id({ resolve: ({ operation }) => globalIdText("Operation", operation.id) }),
      outcome: t.string({
        description: "running, complete, partial or denied.",
        resolve: ({ operation }) => operation.outcome,
      }),
      createdAt: t.field({ type: "DateTime", resolve: ({ operation }) => operation.createdAt }),
      locks: t.field({
        type: [LockRef],
        description: "Every lock on the way, street inwards.",
        resolve: ({ operation }) => operation.locks.flatMap((lock) => lockOf(lock) ?? []),
      }),
      stoppedAt: t.field({
        type: LockRef,
        nullable: true,
        description: "The lock at which a partial operation stopped.",
        resolve: ({ operation }) => (operation.stoppedAt === null ? null : (lockOf(operation.stoppedAt) ?? null)),
      }),
      skippedDoors: t.int({
        description: "Doors on the way that have no lock.",
        resolve: ({ operation }) => operation.skippedDoors.length,
      }),
      commands: t.field({ type: [CommandRef], resolve: ({ commands }) => [...commands] }),
    }),
  });
  builder.objectType(AccessDeniedError, {
    name: "AccessDeniedError",
    ...INHERITS_RULE,
    interfaces: ["UserError"],
    fields: (t) => ({
      operationId: t.id({ resolve: ({ operation }) => globalIdText("Operation", operation) }),
      nextStep: t.field({ type: NextStepRef, resolve: ({ reasons }) => reasons[0] ?? "NO_BASIS" }),
      reasons: t.field({
        type: [DenialReasonRef],
        description: "Every reason, most telling first. Empty for whoever may not see the chain.",
        resolve: ({ reasons }, _args, { principal }) => (principal.kind === "dashboard" ? [...reasons] : []),
      }),
    }),
  });
  return { CommandStateRef, CommandRef, OperationRef, DenialReasonRef, NextStepRef };
}

function stateOf(row: CommandRow): CommandState {
  return COMMAND_STATES.find((state) => state === row.state) ?? "unknown";
}

function addOpenDoor(
  builder: PortnerBuilder,
  deps: OpeningGraphqlDeps,
  { OperationRef, CommandStateRef }: OpeningRefs,
): void {
  const Target = builder.inputType("OpenTarget", {
    isOneOf: true,
    fields: (t) => ({ lock: t.id(), path: t.id() }),
  });
  const Input = builder.inputType("OpenDoorInput", {
    fields: (t) => ({
      target: t.field({ type: Target, required: true }),
      idempotencyKey: t.string({
        required: true,
        description: "8–64 of A–Z a–z 0–9 _ -; one a press. Kept at least 24 h.",
      }),
      reason: t.string({ description: "Why; obligatory when opening for somebody else." }),
      waitMs: t.int({
        description: `How long to wait for the door, 0–${WAIT_MS_MAX} ms; 0 answers as soon as it is durable.`,
      }),
      minRevision: t.field({ type: "Cursor", description: "Do not decide on anything older than this." }),
    }),
  });
  const Success = builder.objectRef<Opened>("OpenDoorSuccess").implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      operation: t.field({ type: OperationRef, resolve: ({ stored }) => stored }),
      state: t.field({
        type: CommandStateRef,
        description: "Where the last command stands.",
        resolve: ({ stored }) => (stored.commands.length === 0 ? "unknown" : stateOf(lastOf(stored.commands))),
      }),
    }),
  });
  builder.mutationField("openDoor", (t) =>
    t.field({
      type: Success,
      description: "Opens a lock, or a path as one. At most once a key: asking again tells what became of it.",
      authScopes: { signedIn: true },
      args: { input: t.arg({ type: Input, required: true }) },
      errors: { types: [AccessDeniedError, LockUnreachableError] },
      resolve: async (_, { input }, { principal }) => {
        const opener = openerOf(principal, input.reason ?? undefined);
        const target = await targetOf(deps, opener.tenant, input.target);
        if (opener.asker.type === "remote") await checkRemote(deps, principal, target);
        const waitMs = checkedWait(input.waitMs ?? 0);
        if (!IDEMPOTENCY_KEY_PATTERN.test(input.idempotencyKey)) {
          throw new InvalidInputError("`idempotencyKey` is 8 to 64 letters, digits, `_` or `-`", [
            "input",
            "idempotencyKey",
          ]);
        }
        const { idempotencyKey, reason, minRevision } = input;
        const request = {
          opener,
          target,
          idempotencyKey,
          reason: reason ?? undefined,
          minRevision: minRevision ?? undefined,
        };
        const opened = await openDoor(deps.opening, request);
        if (!opened.ok) throw failureOf(opened.failure);
        await Promise.race([opened.value.finished, elapsed(deps, waitMs)]);
        return { stored: await storedOperation(deps, opened.value.operation) };
      },
    }),
  );
}

function lastOf(commands: readonly CommandRow[]): CommandRow {
  const last = commands.at(-1);
  if (last === undefined) throw new NotFoundError();
  return last;
}

function elapsed({ opening }: OpeningGraphqlDeps, waitMs: number): Promise<void> {
  return new Promise((resolve) => void opening.clock.after(waitMs, resolve));
}

function checkedWait(waitMs: number): number {
  if (waitMs >= 0 && waitMs <= WAIT_MS_MAX) return waitMs;
  throw new InvalidInputError(`\`waitMs\` is 0 to ${WAIT_MS_MAX}`, ["input", "waitMs"]);
}

/** A phone opens with its own credential and no other; an account opens for somebody else, with a reason. */
function openerOf(principal: Principal, reason: string | undefined): Opener {
  if (principal.kind === "phone") {
    const { tenant, person, credential, credentialId } = principal;
    const allowed = authorise(principal, "openWithOwnCredential", { tenant, owner: person });
    if (!allowed.ok) throw new ForbiddenError();
    const caller = `credential:${credentialId}`;
    const asker = { type: "credential", credential } as const;
    return { asker, tenant, caller, credentialId, person, account: undefined };
  }
  if (principal.kind !== "dashboard") throw new ForbiddenError();
  const { tenant, person, account, accountId } = principal;
  if (reason === undefined || reason.trim() === "") {
    throw new InvalidInputError("opening for somebody else needs a reason", ["input", "reason"], "REASON_MISSING");
  }
  const asker = { type: "remote", person: person ?? null } as const;
  return { asker, tenant, caller: `account:${accountId}`, credentialId: accountId, person, account };
}

/** Opening for somebody else needs the right to it where the door is, and a second person where the tenant wants one. */
async function checkRemote(
  { tables, registry }: OpeningGraphqlDeps,
  principal: Principal,
  target: OpenTarget,
): Promise<void> {
  const reach = await reachOf(tables, principal, "remoteOpen");
  const district = await districtOf(tables, registry, target);
  if (!reaches(reach, district)) throw new ForbiddenError();
  if (reach.needsSecondPerson === true) {
    throw new ForbiddenError("NEEDS_SECOND_PERSON", "a second person must approve a remote opening here");
  }
}

async function districtOf(tables: Tables, registry: LockRegistry, target: OpenTarget): Promise<number | null> {
  if ("path" in target) {
    const [path] = await pathsByIds(tables, [target.path]);
    const [home] = path === undefined ? [] : await addressesByIds(tables, [path.home]);
    return home?.district ?? null;
  }
  const door = registry.byLock(target.lock)?.door;
  const [row] = door === undefined ? [] : await doorsByIds(tables, [door]);
  const [address] = row === undefined ? [] : await addressesByIds(tables, [row.address]);
  return address?.district ?? null;
}

async function targetOf(
  deps: OpeningGraphqlDeps,
  tenant: number,
  target: { readonly lock?: string | null | undefined; readonly path?: string | null | undefined },
): Promise<OpenTarget> {
  if (target.lock != null) {
    const id = publicIdOf("Lock", target.lock);
    const lock = id === undefined ? undefined : deps.registry.byId(id);
    if (lock?.tenant !== tenant) throw new NotFoundError("no such lock in your reach", ["input", "target", "lock"]);
    return { lock: lock.lock };
  }
  const id = publicIdOf("Path", target.path ?? "");
  const path = id === undefined ? undefined : await pathByPublicId(deps.tables, id);
  if (path?.path.tenant !== tenant) throw new NotFoundError("no such path in your reach", ["input", "target", "path"]);
  return { path: path.path.id };
}

function publicIdOf(typename: string, globalId: string): string | undefined {
  try {
    const parsed = parseGlobalId(globalId);
    return parsed.typename === typename ? parsed.id : undefined;
  } catch {
    return undefined;
  }
}

function failureOf(failure: OpenFailure): UserError {
  switch (failure.code) {
    case "DENIED":
      return new AccessDeniedError(failure.operation, failure.reasons);
    case "LOCK_OFFLINE":
      return new LockUnreachableError();
    case "KEY_REUSED":
      return new ConflictError("this idempotency key came with another request before", "IDEMPOTENCY_KEY_REUSED", [
        "input",
        "idempotencyKey",
      ]);
  }
}

/** The operation as it stands; a repeated call gets the failure that the first one got. */
async function storedOperation({ tables }: OpeningGraphqlDeps, id: string): Promise<StoredOperation> {
  const stored = await operationById(tables, id);
  if (stored === undefined) throw new NotFoundError();
  if (stored.operation.outcome === "denied") {
    const reasons = DenialReason.array().safeParse(await denialOf(tables, id));
    throw new AccessDeniedError(id, reasons.data ?? []);
  }
  const first = stored.commands[0];
  if (first?.state === "abandoned" && stored.commands.length === 1) throw new LockUnreachableError();
  return stored;
}

function addCommandChanged(builder: PortnerBuilder, deps: OpeningGraphqlDeps, { OperationRef }: OpeningRefs): void {
  builder.subscriptionField("commandChanged", (t) =>
    t.field({
      type: OperationRef,
      description: "An operation as it stands, and again at each change of one of its commands.",
      authScopes: { signedIn: true },
      args: { id: t.arg.id({ required: true }) },
      subscribe: (_, { id }, { principal }) => watchOperation(deps, principal, String(id)),
      resolve: (stored: StoredOperation) => stored,
    }),
  );
}

async function* watchOperation(
  deps: OpeningGraphqlDeps,
  principal: Principal,
  globalId: string,
): AsyncGenerator<StoredOperation> {
  const id = publicIdOf("Operation", globalId) ?? "";
  const live = new LiveStream<TrackedCommand>({
    clock: deps.opening.clock,
    connect: (feed) => deps.opening.tracker.onChange((command) => command.operation === id && feed(command)),
  });
  try {
    yield await visibleOperation(deps, principal, id);
    for await (const _ of live) yield await visibleOperation(deps, principal, id);
  } finally {
    await live.return();
  }
}

/** An operation is seen by whoever made it, and by those who may read door events of its tenant. */
async function visibleOperation(deps: OpeningGraphqlDeps, principal: Principal, id: string): Promise<StoredOperation> {
  const stored = UUID.test(id) ? await operationById(deps.tables, id) : undefined;
  if (stored === undefined || principal.kind === "anonymous") throw new NotFoundError();
  const { tenant, person } = stored.operation;
  const allowed = authorise(principal, "readDoorEvents", { tenant, owner: person ?? undefined });
  const own = principal.kind === "phone" && principal.credential === stored.operation.credential;
  if (principal.tenant !== tenant || (!own && !allowed.ok)) throw new NotFoundError();
  return stored;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
