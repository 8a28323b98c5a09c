import { expect, test } from "vitest";
import { failureOf, UNREACHABLE, type GraphqlFailure } from "../graphql/index.ts";
import { Why, type WhyDeps } from "./why.svelte.ts";

const EMPLOYEE = { externalId: "4711", name: null, credentials: [{ id: "d", model: "Android" }] };
const DECISION = { outcome: "allow", basis: null, reasons: [], nextStep: null, chain: [] };

function isLive(value: unknown): value is WhyDeps["live"] {
  return typeof value === "object" && value !== null && "request" in value;
}

/** A question whose hub fails as `failures` says, one after another, and then answers. */
function whyWith(failures: readonly (GraphqlFailure | undefined)[]) {
  let asked = 0;
  let nowMs = 0;
  const live: unknown = {
    request: (_document: unknown, variables: object) => {
      if (!("userId" in variables)) return Promise.resolve({ ok: true, value: { decide: DECISION } });
      const failure = failures[(asked += 1) - 1];
      if (failure !== undefined) return Promise.resolve({ ok: false, failure });
      return Promise.resolve({ ok: true, value: { employee: EMPLOYEE } });
    },
    clock: { exactMs: () => (nowMs += 1_000) },
  };
  if (!isLive(live)) return expect.unreachable();
  return { why: new Why({ live, locks: () => ["l"] }), askedCount: () => asked };
}

test("an answer that is asked for again is of then", async () => {
  const { why } = whyWith([]);
  await why.ask("4711");
  expect(why.state).toMatchObject({ kind: "answered", askedAtMs: 1_000 });
  await why.again();
  expect(why.state).toMatchObject({ kind: "answered", askedAtMs: 2_000 });
});

test("what failed is asked again, what is forbidden is not", async () => {
  const { why, askedCount } = whyWith([undefined, UNREACHABLE, undefined, failureOf("FORBIDDEN", "")]);
  await why.ask("4711");
  await why.again();
  expect(why.state).toMatchObject({ kind: "failed", employeeId: "4711" });
  await why.again();
  expect(why.state.kind).toBe("answered");
  await why.again();
  expect(why.state.kind).toBe("failed");
  await why.again();
  expect(askedCount()).toBe(4);
});

test("nobody is asked about where nobody was named", async () => {
  const { why, askedCount } = whyWith([]);
  await why.again();
  expect(askedCount()).toBe(0);
});

test("whom the page proposed is told about, and named only when somebody names them", async () => {
  const { why, askedCount } = whyWith([]);
  await why.propose("4711");
  await why.again();
  expect(why.state.kind).toBe("answered");
  expect(why.named).toBeUndefined();
  await why.ask("4711");
  await why.again();
  await why.propose("4712");
  expect(why.named?.externalId).toBe("4711");
  expect(askedCount()).toBe(4);
});
