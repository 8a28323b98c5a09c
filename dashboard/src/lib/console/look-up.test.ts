import { expect, test } from "vitest";
import { LookUp, stateAfter, type LookUpInput } from "./look-up.svelte.ts";

test("nothing is looked up without a caller and a purpose, and what is missing is told", async () => {
  const lookUp = new LookUp();
  lookUp.begin("Åse");
  const asked: LookUpInput[] = [];
  const ask = (input: LookUpInput) => {
    asked.push(input);
    return Promise.resolve({ kind: "found", citizens: [], callerId: "FJ4711" } as const);
  };
  expect(lookUp.missing).toEqual([]);
  expect(lookUp.firstOpen).toBe("callerId");
  await lookUp.send(ask);
  expect(lookUp.missing).toEqual(["callerId", "purpose"]);
  lookUp.callerId = " 4711 ";
  lookUp.purpose = "opkald 118";
  await lookUp.send(ask);
  expect(asked).toEqual([{ text: "Åse", callerId: "4711", purpose: "opkald 118" }]);
  expect(lookUp.state).toEqual({ kind: "found", citizens: [], callerId: "FJ4711" });
  // However it was said: what goes along to other pages is the user id in full.
  expect([lookUp.callerId, lookUp.caller]).toEqual(["FJ4711", "FJ4711"]);
  lookUp.begin("Bo");
  expect(lookUp.state).toEqual({ kind: "ready" });
});

test("a refusal keeps the API's code", () => {
  const refused = { __typename: "ForbiddenError", code: "FORBIDDEN", message: "" } as const;
  expect(stateAfter({ ok: true, value: { lookUpCitizen: refused } })).toEqual({ kind: "refused", code: "FORBIDDEN" });
  const failure = { kind: "unreachable", code: "UNREACHABLE", message: "" } as const;
  expect(stateAfter({ ok: false, failure })).toEqual({ kind: "refused", code: "UNREACHABLE" });
});

test("a caller whom the hub knows nobody by goes along to no page, until another one is said", async () => {
  const lookUp = new LookUp();
  Object.assign(lookUp, { text: "Åse", callerId: " FJ9999 ", purpose: "opkald" });
  expect(lookUp.caller).toBe("FJ9999");
  await lookUp.send(() => Promise.resolve({ kind: "refused", code: "CALLER_UNKNOWN" }));
  expect([lookUp.callerId, lookUp.caller]).toEqual([" FJ9999 ", ""]);
  expect([lookUp.isCallerUnknown, lookUp.firstOpen]).toEqual([true, "callerId"]);
  lookUp.callerId = "FJ1001";
  expect([lookUp.isCallerUnknown, lookUp.firstOpen]).toEqual([false, "purpose"]);
  expect(lookUp.caller).toBe("FJ1001");
});
