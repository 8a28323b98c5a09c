import { DENIAL_GUIDES, DENIAL_REASONS, type DenialReason } from "@portner/schema/access";
import { UserError } from "../../../graphql/errors.ts";
import { INHERITS_RULE } from "../../../graphql/rules.ts";
import { globalIdText } from "../../../graphql/scalars.ts";
import type { PortnerBuilder, Principal } from "../../../identity/index.ts";
import type { LocksGraphql } from "../../../locks/graphql/graphql.ts";
import { COMMAND_STATES, type CommandState } from "../../../locks/index.ts";
import type { CommandRow, StoredOperation } from "../store.ts";

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

/** Whether the caller may see the whole chain behind a decision: accounts, who got as far by their rights to its subject. */
export function seesChain(principal: Principal): boolean {
  return principal.kind === "dashboard";
}

/** The types that opening adds. */
export type OpeningRefs = ReturnType<typeof addTypes>;

/** Adds operations, commands and the denial of an opening. */
export function addTypes(builder: PortnerBuilder, locks: LocksGraphql) {
  const values = addValues(builder);
  const CommandRef = addCommandType(builder, locks, values);
  const OperationRef = addOperationType(builder, locks, CommandRef);
  addDeniedError(builder, values);
  return { ...values, CommandRef, OperationRef };
}

function addValues(builder: PortnerBuilder) {
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
  return { CommandStateRef, DenialReasonRef, NextStepRef };
}

type Values = ReturnType<typeof addValues>;

function addCommandType(builder: PortnerBuilder, { LockRef, lockOf }: LocksGraphql, { CommandStateRef }: Values) {
  return builder.objectRef<CommandRow>("Command").implement({
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
}

function addOperationType(
  builder: PortnerBuilder,
  { LockRef, lockOf }: LocksGraphql,
  CommandRef: ReturnType<typeof addCommandType>,
) {
  return builder.objectRef<StoredOperation>("Operation").implement({
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
}

function addDeniedError(builder: PortnerBuilder, { DenialReasonRef, NextStepRef }: Values): void {
  builder.objectType(AccessDeniedError, {
    name: "AccessDeniedError",
    ...INHERITS_RULE,
    interfaces: ["UserError"],
    fields: (t) => ({
      operationId: t.id({ resolve: ({ operation }) => globalIdText("Operation", operation) }),
      nextStep: t.field({ type: NextStepRef, resolve: ({ reasons }) => reasons[0] ?? "NO_BASIS" }),
      reasons: t.field({
        type: [DenialReasonRef],
        description: "Every reason, most telling first; the first alone for whoever may not see the chain.",
        resolve: ({ reasons }, _args, { principal }) => reasons.slice(0, seesChain(principal) ? undefined : 1),
      }),
    }),
  });
}

/** A command's state; a word that this version does not know tells nothing. */
export function stateOf(row: CommandRow): CommandState {
  return COMMAND_STATES.find((state) => state === row.state) ?? "unknown";
}
