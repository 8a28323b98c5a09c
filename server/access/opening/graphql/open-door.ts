import { DenialReason } from "@portner/schema/access";
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  LockUnreachableError,
  NotFoundError,
  type UserError,
} from "../../../graphql/errors.ts";
import { patienceMs } from "../../../graphql/patience.ts";
import { INHERITS_RULE } from "../../../graphql/rules.ts";
import type { PortnerBuilder } from "../../../identity/index.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { REASON_CHARACTERS_MAX } from "../../block.ts";
import { openDoor, refuseWithoutJournal, type OpenedOperation, type OpenFailure } from "../open-door.ts";
import { IDEMPOTENCY_KEY_PATTERN, NOT_AFTER_MS_MAX, WAIT_MS_MAX } from "../request.ts";
import { denialOf, operationById, type CommandRow, type StoredOperation } from "../store.ts";
import type { OpeningGraphqlDeps } from "./deps.ts";
import { checkRemote, mayOpenRemotely, openerOf, targetOf } from "./opener.ts";
import { AccessDeniedError, stateOf, type OpeningRefs } from "./types.ts";

interface Opened {
  readonly stored: StoredOperation;
}

/** Adds `openDoor`. */
export function addOpenDoor(
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
      reason: t.string({
        description: `Why, in at most ${REASON_CHARACTERS_MAX} characters; obligatory when opening for somebody else.`,
      }),
      waitMs: t.int({
        description: `How long to wait for the door, 0–${WAIT_MS_MAX} ms; 0 answers as soon as it is durable.`,
      }),
      minRevision: t.field({ type: "Cursor", description: "Do not decide on anything older than this." }),
      notAfter: t.field({
        type: "DateTime",
        description: `Until when the press counts, by the hub's time (GET /clock), at most ${NOT_AFTER_MS_MAX / 1_000} s ahead. The first door is not decided on later: the error TOO_LATE says that nothing was opened. What had begun by then is told as ever. Absent: the request opens however late the hub comes to it.`,
      }),
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
      resolve: async (_, { input }, context) => {
        const { principal } = context;
        refuseWithoutJournal(deps.opening);
        const asker = openerOf(principal, input.reason ?? undefined);
        const target = await targetOf(deps, asker.tenant, input.target);
        const isRemote = asker.asker.type === "remote";
        if (isRemote) await checkRemote(deps, principal, target);
        const opener = isRemote ? { ...asker, reauthorised: () => mayOpenRemotely(deps, principal, target) } : asker;
        const waitMs = checkedWait(input.waitMs ?? 0);
        const idempotencyKey = checkedKey(input.idempotencyKey);
        const notAfter = checkedNotAfter(input.notAfter?.getTime(), deps.opening.clock.now());
        const [reason, minRevision] = [input.reason ?? undefined, input.minRevision ?? undefined];
        const request = { opener, target, idempotencyKey, reason, minRevision, notAfter };
        const opened = await openDoor(deps.opening, request);
        if (!opened.ok) throw failureOf(opened.failure);
        // Deciding may have waited for an index that was being read anew, and so may another door of the same operation.
        await untilEnded(deps, opened.value, patienceMs(context, waitMs));
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

/** Waits for the operation's end, at most `waitMs`; a repeated press for what is left of the first one's. */
async function untilEnded(
  { opening, tables }: OpeningGraphqlDeps,
  { operation, repeated, finished }: OpenedOperation,
  waitMs: number,
): Promise<void> {
  if (waitMs === 0) return;
  if (!repeated) return within(opening.clock, finished, waitMs);
  // Listening begins before the look: an end in between is heard, one before it is seen.
  const ended = opening.operations.ended(operation, waitMs);
  const stored = await operationById(tables, operation);
  if (stored?.operation.outcome === "running") await ended;
}

function within(clock: Clock, settled: Promise<void>, waitMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(waitMs, resolve);
  void settled.then(() => {
    cancel();
    resolve();
  });
  return promise;
}

function checkedWait(waitMs: number): number {
  if (waitMs >= 0 && waitMs <= WAIT_MS_MAX) return waitMs;
  throw new InvalidInputError(`\`waitMs\` is 0 to ${WAIT_MS_MAX}`, ["input", "waitMs"]);
}

function checkedKey(key: string): string {
  if (IDEMPOTENCY_KEY_PATTERN.test(key)) return key;
  throw new InvalidInputError("`idempotencyKey` is 8 to 64 letters, digits, `_` or `-`", ["input", "idempotencyKey"]);
}

function checkedNotAfter(notAfter: number | undefined, now: number): number | undefined {
  if (notAfter === undefined || notAfter - now <= NOT_AFTER_MS_MAX) return notAfter;
  throw new InvalidInputError(`\`notAfter\` is at most ${NOT_AFTER_MS_MAX / 1_000} s ahead of the hub's time`, [
    "input",
    "notAfter",
  ]);
}

function failureOf(failure: OpenFailure): UserError {
  switch (failure.code) {
    case "DENIED":
      return new AccessDeniedError(failure.operation, failure.reasons);
    case "LOCK_OFFLINE":
      return new LockUnreachableError();
    case "SESSION_ENDED":
      return new ForbiddenError("SESSION_EXPIRED", "this session or its right has ended; nothing was opened");
    case "TOO_LATE":
      return new ConflictError("`notAfter` had passed before anything was decided; nothing was opened", "TOO_LATE", [
        "input",
        "notAfter",
      ]);
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
