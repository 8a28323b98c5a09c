import { expect, test, vi } from "vitest";
import { UNREACHABLE, failureOf, type GraphqlFailure } from "../graphql/failure.ts";
import { ARMED_AFTER_MS } from "../opening/arming.svelte.ts";
import { refusedText, unseenText } from "./block-words.ts";
import { Blocking, type BlockingDeps } from "./blocking.svelte.ts";
import { BLOCK_CREDENTIAL, BLOCKS_ON, FIND_EMPLOYEE, UNBLOCK_CREDENTIAL, type BlockState } from "./documents.ts";
import type { Employee } from "./find-employee.ts";

const NOW = Date.parse("2026-11-22T09:05:00Z");
const at = (seconds: number): string => new Date(NOW + seconds * 1_000).toISOString();
const BLOCK: BlockState = {
  ...{ id: "B", lifted: false, placedAt: at(0), commandsUntil: at(24), denyUntil: at(3_600) },
  reach: { hubsApplied: 1, hubsTotal: 1, locksProven: 980, locksTotal: 1_003, residual: [] },
};
const DEVICE = { id: "D", form: "phone", model: "88-12", enrolledAt: at(-60) };
const EMPLOYEE: Employee = { id: "P", externalId: "4711", name: null, active: true, credentials: [DEVICE] };
const DATABASE_AWAY = failureOf("JOURNAL_UNAVAILABLE", "");

/** A hub that knows one device. */
function hub() {
  const stands: {
    blocks: readonly BlockState[];
    look?: GraphqlFailure;
    act?: GraphqlFailure;
    isLost?: boolean;
    isSlow?: boolean;
  } = {
    blocks: [],
  };
  const answer = (document: unknown): unknown => {
    if (document === BLOCKS_ON) {
      if (stands.look !== undefined) return { ok: false, failure: stands.look };
      return { ok: true, value: { blocksOn: stands.blocks } };
    }
    if (stands.act !== undefined && stands.isLost !== true) return { ok: false, failure: stands.act };
    stands.blocks = document === BLOCK_CREDENTIAL ? [BLOCK] : [];
    if (stands.act !== undefined) return { ok: false, failure: stands.act };
    if (document === UNBLOCK_CREDENTIAL) {
      return { ok: true, value: { unblockCredential: { __typename: "UnblockCredentialSuccess" } } };
    }
    return { ok: true, value: { blockCredential: { __typename: "BlockCredentialSuccess", block: BLOCK } } };
  };
  let again: (() => void) | undefined;
  let arm: (() => void) | undefined;
  // What the hub answers it knows when it is asked; how long the answer is on its way is another matter.
  const delayed: (() => void)[] = [];
  const searches: ((found: Employee | undefined) => void)[] = [];
  const live: unknown = {
    request: (document: unknown) => {
      if (document === FIND_EMPLOYEE) {
        return new Promise((resolve) => {
          searches.push((employee) => resolve({ ok: true, value: { employee: employee ?? null } }));
        });
      }
      const told = answer(document);
      if (stands.isSlow !== true || document !== BLOCKS_ON) return Promise.resolve(told);
      return new Promise((resolve) => delayed.push(() => resolve(told)));
    },
    clock: { exactMs: () => NOW },
  };
  if (!isLive(live)) return expect.unreachable("no session");
  const after = (delayMs: number, run: () => void): (() => void) => {
    if (delayMs === ARMED_AFTER_MS) {
      arm = run;
      return () => (arm = undefined);
    }
    again = run;
    return () => (again = undefined);
  };
  const blocking = new Blocking({ live, after });
  return {
    stands,
    blocking,
    searches,
    arm: () => arm?.(),
    /** The sheet has been there for a while. */
    show: () => {
      blocking.show(EMPLOYEE);
      arm?.();
    },
    lookAgain: () => again?.(),
    delayed,
    asksAgain: () => again !== undefined,
  };
}

function isLive(value: unknown): value is BlockingDeps["live"] {
  return typeof value === "object" && value !== null && "request" in value;
}

test("a look that fails takes nothing back: the block stands with its age, and the hub is asked again", async () => {
  const { show, stands, blocking, lookAgain, asksAgain } = hub();
  show();
  await vi.waitFor(() => expect(blocking.devices.get("D")?.blocks).toEqual([]));
  await blocking.block(DEVICE, "");
  stands.look = DATABASE_AWAY;
  lookAgain();
  await vi.waitFor(() => expect(blocking.devices.get("D")?.unseen).toEqual(DATABASE_AWAY));
  expect(blocking.devices.get("D")).toMatchObject({ blocks: [BLOCK], refused: undefined, askedAtMs: NOW });
  expect(unseenText(DATABASE_AWAY)).not.toBe(refusedText({ act: "block", code: "JOURNAL_UNAVAILABLE" }));
  expect(asksAgain()).toBe(true);
  delete stands.look;
  lookAgain();
  await vi.waitFor(() => expect(blocking.devices.get("D")?.unseen).toBeUndefined());
});

test("a first look that fails is asked again, also while no block is known", async () => {
  const { show, stands, blocking, lookAgain, asksAgain } = hub();
  stands.look = UNREACHABLE;
  show();
  await vi.waitFor(() => expect(asksAgain()).toBe(true));
  expect(blocking.devices.get("D")?.blocks).toBeUndefined();
  delete stands.look;
  stands.blocks = [BLOCK];
  lookAgain();
  await vi.waitFor(() => expect(blocking.devices.get("D")?.blocks).toEqual([BLOCK]));
});

test("an act whose answer was lost is told by what stands; one that was refused keeps its reason", async () => {
  const { show, stands, blocking } = hub();
  show();
  await vi.waitFor(() => expect(blocking.devices.get("D")?.blocks).toEqual([]));
  Object.assign(stands, { act: UNREACHABLE, isLost: true });
  await blocking.block(DEVICE, "");
  expect(blocking.devices.get("D")).toMatchObject({ blocks: [BLOCK], refused: undefined, isBusy: false });
  Object.assign(stands, { act: failureOf("FORBIDDEN", ""), isLost: false });
  await blocking.unblock(DEVICE, "found");
  expect(blocking.devices.get("D")).toMatchObject({ blocks: [BLOCK], refused: { act: "unblock", code: "FORBIDDEN" } });
  expect(refusedText({ act: "unblock", code: "FORBIDDEN" })).not.toBe(refusedText({ act: "block", code: "FORBIDDEN" }));
});

test("a look from before the block that is answered after it takes the block from no screen", async () => {
  const { show, stands, blocking, lookAgain, delayed } = hub();
  stands.isSlow = true;
  show();
  await blocking.block(DEVICE, "");
  delayed[0]?.();
  await settle();
  expect(blocking.devices.get("D")).toMatchObject({ blocks: [BLOCK], isBusy: false });
  lookAgain();
  stands.blocks = [];
  lookAgain();
  delayed[2]?.();
  await vi.waitFor(() => expect(blocking.devices.get("D")?.blocks).toEqual([]));
  delayed[1]?.();
  await settle();
  expect(blocking.devices.get("D")?.blocks).toEqual([]);
});

test("a look from before a block was lifted brings it back to no screen", async () => {
  const { show, stands, blocking, lookAgain, delayed } = hub();
  stands.blocks = [BLOCK];
  show();
  await vi.waitFor(() => expect(blocking.devices.get("D")?.blocks).toEqual([BLOCK]));
  stands.isSlow = true;
  lookAgain();
  const lifted = blocking.unblock(DEVICE, "found");
  await vi.waitFor(() => expect(delayed).toHaveLength(2));
  delayed[1]?.();
  await lifted;
  delayed[0]?.();
  await settle();
  expect(blocking.devices.get("D")?.blocks).toEqual([]);
});

test("a press in the moment in which the devices appear blocks none; one later does", async () => {
  const { stands, blocking, arm } = hub();
  blocking.show(EMPLOYEE);
  await blocking.block(DEVICE, "");
  expect([blocking.isArmed, stands.blocks]).toEqual([false, []]);
  arm();
  await blocking.block(DEVICE, "");
  expect([blocking.isArmed, stands.blocks]).toEqual([true, [BLOCK]]);
});

test("a search that a later one has overtaken shows nobody, whatever it found and whenever", async () => {
  const { blocking, searches } = hub();
  const [first, second] = [blocking.find("47"), blocking.find("4711")];
  searches[0]?.({ ...EMPLOYEE, externalId: "47" });
  await first;
  expect(blocking.person).toEqual({ kind: "finding", employeeId: "4711" });
  searches[1]?.(EMPLOYEE);
  await second;
  const third = blocking.find("48");
  blocking.show(EMPLOYEE);
  searches[2]?.(undefined);
  await third;
  expect(blocking.person).toEqual({ kind: "found", employee: EMPLOYEE });
});

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
