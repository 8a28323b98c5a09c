import { expect, test } from "vitest";
import type { HeldRole, KnownPrincipal } from "../../identity/index.ts";
import { InvariantError } from "../../kernel/errors.ts";
import { ManualClock } from "../../simulation/manual-clock.ts";
import { entryAt } from "../../simulation/rights-world.ts";
import { dashboardOf } from "../../simulation/schema-town.ts";
import { ConsultedInvolvement, LOOK_UPS_MAX } from "./consulted-involvement.ts";

/** The account of the test's principals. */
const ACCOUNT = 5;
const HALF_AN_HOUR_MS = 30 * 60_000;
/** Citizens in one look-up at most, as its kind has it. */
const CITIZENS_MAX = 200;
const PURPOSE = { id: "00000000-0000-4000-8000-000000000000", digest: "0".repeat(64) };

function holderOf(role: HeldRole["role"]): KnownPrincipal {
  const principal = dashboardOf(1, [{ role }]);
  if (principal.kind === "anonymous") throw new InvariantError("an account is somebody");
  return principal;
}

/** Involvement where behind lock n lives citizen n, and a tail that tells it of look-ups. */
function stage() {
  const clock = new ManualClock();
  const nobody = { ownsLock: () => false, providerServes: () => false };
  const directory = {
    byLock: (lock: number) => ({
      ...{ lock, lockId: "l", tenant: 1, serial: "s", model: "m", firmware: null, door: 1, doorExternalId: "d" },
      ...{ doorKind: "flat" as const, address: 1, addressText: "a", folded: "a", district: 1, districtId: "i" },
      ...{ departments: [], bundleIds: [], pathIds: [], citizens: [lock], housingCompanyId: null },
    }),
  };
  const involvement = new ConsultedInvolvement({ involvement: nobody, directory, clock });
  let sequence = 0;
  const consult = (citizens: readonly number[], actor = ACCOUNT): void => {
    sequence += 1;
    const place = { sequence, at: clock.now() };
    const entry = { ...entryAt(place, "citizen.consulted", { citizens: [...citizens], purpose: PURPOSE }), actor };
    const position = { epoch: 1, sequence };
    involvement.take({ entries: [entry], position, caughtUp: true, readStartedAt: clock.monotonic() });
  };
  return { clock, involvement, consult };
}

test("a look-up is the hotline's case for half an hour, nobody else's, and no other account's", () => {
  const { clock, involvement, consult } = stage();
  consult([1]);
  expect(involvement.jobsAt(holderOf("H"), 1)).toEqual(["H"]);
  expect(involvement.jobsAt(holderOf("H"), 2)).toEqual([]);
  expect(involvement.jobsAt(holderOf("B"), 1)).toEqual([]);
  consult([3], ACCOUNT + 1);
  expect(involvement.jobsAt(holderOf("H"), 3)).toEqual([]);
  clock.advance(HALF_AN_HOUR_MS - 1);
  expect(involvement.jobsAt(holderOf("H"), 1)).toEqual(["H"]);
  clock.advance(1);
  expect(involvement.jobsAt(holderOf("H"), 1)).toEqual([]);
});

test(`${LOOK_UPS_MAX} look-ups of an account are remembered; one more takes the oldest, not one looked up again`, () => {
  const { involvement, consult } = stage();
  const citizens = Array.from({ length: LOOK_UPS_MAX }, (_, n) => n + 1);
  for (let at = 0; at < citizens.length; at += CITIZENS_MAX) consult(citizens.slice(at, at + CITIZENS_MAX));
  const known = () => citizens.filter((citizen) => involvement.jobsAt(holderOf("H"), citizen).length > 0);
  expect(known()).toEqual(citizens);
  consult([1]);
  consult([LOOK_UPS_MAX + 1]);
  expect(known()).toEqual(citizens.filter((citizen) => citizen !== 2));
});
