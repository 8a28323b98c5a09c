import { afterAll, beforeAll, expect, test } from "vitest";
import { signedClaim, unitKeyPair } from "../../simulation/claim.ts";
import { nobody, startSchemaTown, type SchemaTown } from "../../simulation/schema-town.ts";

let hub: SchemaTown;

beforeAll(async () => {
  hub = await startSchemaTown({ locks: 30 });
});
afterAll(() => hub.stop());

const COMMISSION = `mutation ($input: CommissionLockUnitInput!) { commissionLockUnit(input: $input) { __typename
  ... on CommissionLockUnitSuccess { tenant lock unit brokerUrl brokerSecret rootKey { kid key } telemetryKey }
  ... on UserError { code path } } }`;

function placeOf(index: number): { readonly serial: string; readonly claim: string } {
  const lock = hub.town.world.locks[index];
  return { serial: lock?.serial ?? "", claim: lock?.claim ?? "" };
}

test("a unit takes its place with its claim, and gets the same place again only with the same key and a new proof", async () => {
  const pair = unitKeyPair();
  const place = placeOf(0);
  const claim = async (input: object) =>
    Object((await hub.ask(COMMISSION, nobody, { input })).data?.commissionLockUnit);
  const input = signedClaim(place, pair);
  const first = await claim(input);
  expect(first).toMatchObject({
    ...{ __typename: "CommissionLockUnitSuccess", brokerUrl: "mqtts://broker.example.test" },
    ...{ brokerSecret: expect.stringMatching(/^.{43}$/), telemetryKey: expect.stringMatching(/^.{43}$/) },
  });
  const again = await claim(signedClaim(place, pair));
  expect(again.unit).toBe(first.unit);
  expect(again.brokerSecret).not.toBe(first.brokerSecret);
  const refused = { __typename: "ForbiddenError", code: "CLAIM_REFUSED", path: [] };
  expect(await claim(input)).toEqual(refused);
  expect(await claim(signedClaim(place))).toEqual(refused);
  expect(await claim({ ...signedClaim(place), proof: input.proof })).toMatchObject({ code: "PROOF_REFUSED" });
  const next = signedClaim(placeOf(1));
  const key = await claim({ ...next, publicKey: "short" });
  expect(key).toMatchObject({ code: "PUBLIC_KEY_INVALID", path: ["input", "publicKey"] });
  for (const field of ["serial", "claim", "model", "firmware", "nonce", "proof"] as const) {
    const faulty = await claim({ ...next, [field]: "ø".repeat(200) });
    expect(faulty).toMatchObject({ __typename: "InvalidInputError", path: ["input", field] });
  }
});

test("wrong claims are throttled, the right one included", async () => {
  const place = placeOf(1);
  const input = signedClaim(place);
  const codes: string[] = [];
  for (let tries = 0; tries < 12; tries += 1) {
    const { data } = await hub.ask(COMMISSION, nobody, { input: signedClaim({ ...place, claim: `wrong-${tries}` }) });
    codes.push(Object(data?.commissionLockUnit).code);
  }
  expect(new Set(codes.slice(0, 7))).toEqual(new Set(["CLAIM_REFUSED"]));
  expect(codes.at(-1)).toBe("TOO_MANY_TRIES");
  expect(Object((await hub.ask(COMMISSION, nobody, { input })).data?.commissionLockUnit).code).toBe("TOO_MANY_TRIES");
});
