import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { enrolPhone, request, signInAs, type Credentials, type TestPhone } from "../../server/simulation/api-client.ts";
import { expectAccessible, fitsWidth, startScreens, untilLive, type Screens } from "./screens.ts";

const START_MS = 240_000;
const TEST_MS = 120_000;
const STEP_MS = 15_000;

const Locks = z.object({
  locks: z.object({
    edges: z.array(
      z.object({
        node: z.object({
          id: z.string(),
          serial: z.string(),
          addressText: z.string(),
          address: z.object({ id: z.string() }),
          place: z.object({ kind: z.string() }),
          paths: z.array(z.object({ doors: z.array(z.object({ lock: z.object({ id: z.string() }).nullable() })) })),
        }),
      }),
    ),
  }),
});
type Found = z.infer<typeof Locks>["locks"]["edges"][number]["node"];

let screens: Screens;
let locks: readonly Found[];
let phone: TestPhone;
/** User id of an employee who may open nothing without a planned visit. */
let employee: string;

beforeAll(async () => {
  screens = await startScreens({ locks: 12 });
  const central = await signIn("A");
  const found = await request(screens.hub.url, central, {
    document: `{ locks(first: 20) { edges { node { id serial addressText address { id } place { kind } paths { doors { lock { id } } } } } } }`,
    answer: Locks,
  });
  locks = found.locks.edges.map(({ node }) => node);
  employee =
    screens.town.world.employees.find(({ active, profession }) => active && profession === "temp")?.externalId ?? "";
  phone = await enrolPhone(screens.hub.url, central, employee);
  // Somebody was refused there before, so that every page of that door has an employee to explain.
  await phone.open(screens.hub.url, { lock: flat(0).id });
}, START_MS);
afterAll(() => screens.end(), START_MS);
afterEach(() => screens.expectNoComplaints());

async function signIn(role: "A"): Promise<Credentials> {
  const { login, password } = await screens.account(role);
  return signInAs(screens.hub.url, login, password);
}

function flat(index: number): Found {
  const found = locks.filter(({ place }) => place.kind === "flat")[index];
  if (found === undefined) return expect.unreachable("the town has too few flats with a lock");
  return found;
}

const verdictOf = (page: Page): Promise<string | null> => page.locator("[data-verdict]").textContent();

test("a refusal comes in by itself, says why and what next, and shows every check", { timeout: TEST_MS }, async () => {
  const lock = flat(1);
  const page = await screens.open(`/locks/${lock.id}`, { role: "H" });
  await untilLive(page);
  await page.locator('[data-verdict="ANSWERS"], [data-verdict="FACTS_UNKNOWN"]').waitFor();
  const refused = await phone.open(screens.hub.url, { lock: lock.id });
  expect(refused.type).toBe("AccessDeniedError");
  await page.locator('[data-verdict="ATTEMPT_DENIED"]').waitFor();
  expect(await verdictOf(page)).toContain(`medarbejder ${employee} blev afvist`);
  await page.getByText("Bed din koordinator om adgang.").first().waitFor();
  await page.locator('[data-event="DoorDenied"]').first().waitFor();
  await page.locator('[data-outcome="deny"]').waitFor();
  expect(await page.getByRole("list", { name: "Kæden af tjek" }).textContent()).toMatch(
    /enhed tilmeldt.*ingen gyldig adgang til døren\.: ikke i orden/s,
  );
  await page.context().close();
});

test(
  "the page of an address shows the same way, door by door, and an unknown one is not found",
  { timeout: TEST_MS },
  async () => {
    const lock = flat(0);
    const page = await screens.open(`/addresses/${lock.address.id}`, { role: "H" });
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await page.getByText(lock.serial).count()).toBeGreaterThan(0);
    const doors = lock.paths[0]?.doors ?? expect.unreachable("a flat without a path");
    expect(await page.locator("ol.doors > li").count()).toBe(doors.length);
    const without = doors.filter((door) => door.lock === null).length;
    expect(await page.getByText("uden lås", { exact: true }).count()).toBe(without);
    const answer = await page.goto(`${screens.hub.url}/addresses/nonsense`);
    expect([400, 404]).toContain(answer?.status());
    // The browser itself tells of the answer to the nonsense.
    screens.expectNoComplaints(/status of 40/);
    await page.context().close();
  },
);

test("B asks whose device is to be blocked, until somebody was named", { timeout: TEST_MS }, async () => {
  const page = await screens.open(`/locks/${flat(0).id}`, { role: "A" });
  await untilLive(page);
  const whose = page.getByRole("dialog").getByLabel("Medarbejder-id");
  // Whoever was refused there is explained, and not proposed to be blocked.
  await page.locator("[data-outcome]").first().waitFor();
  await page.keyboard.press("b");
  await whose.waitFor();
  expect(await whose.inputValue()).toBe("");
  await page.keyboard.press("Escape");
  await page.getByRole("textbox", { name: "Medarbejder-id" }).fill(employee);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: `Spær ${employee}s enhed` }).waitFor();
  await page.locator("h1").click();
  await page.keyboard.press("b");
  await page.locator("[data-device]").first().waitFor();
  await page.context().close();
});

test("C copies a summary for the caller, with ages and no citizen's name", { timeout: TEST_MS }, async () => {
  const lock = flat(0);
  const page = await screens.open(`/locks/${lock.id}`, { role: "H" });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await untilLive(page);
  await page.keyboard.press("c");
  await page.getByText("Kopieret").waitFor();
  const text: unknown = await page.evaluate("navigator.clipboard.readText()");
  expect(text).toContain(lock.addressText);
  expect(text).toContain(lock.serial);
  for (const { name } of screens.town.world.citizens) expect(text).not.toContain(name);
  await page.context().close();
});

test("the depot sees the battery and is told who sees more", { timeout: TEST_MS }, async () => {
  const page = await screens.open(`/locks/${flat(0).id}`, { role: "B" });
  await page.getByText("Din rolle ser kun batteriet").waitFor();
  expect(await page.locator("[data-verdict]").count()).toBe(0);
  await page.goto(`${screens.hub.url}/`);
  await page.waitForURL(/\/locks$/);
  const row = page.locator(`[data-lock="${flat(0).serial}"]`);
  await vi.waitFor(async () => expect(await row.textContent()).toMatch(/\d+ %.*siden/s), STEP_MS);
  expect(await page.locator('input[type="search"]').count()).toBe(1);
  await expectAccessible(page);
  await page.context().close();
});

test("without JavaScript the verdict, the doors and the events are there to read", { timeout: TEST_MS }, async () => {
  const page = await screens.open(`/locks/${flat(0).id}`, { role: "H", javaScript: false });
  expect(await verdictOf(page)).toMatch(/Låsen/);
  expect(await page.getByText("Rigel").count()).toBeGreaterThan(0);
  await page.context().close();
});

const LOOKS = (["light", "dark"] as const).flatMap((theme) =>
  (["da", "en"] as const).map((language) => ({ theme, language })),
);

test.each(LOOKS)("the page and its sheets are accessible: $theme, $language", { timeout: TEST_MS }, async (look) => {
  const page = await screens.open(`/locks/${flat(0).id}#caller=${employee}`, { ...look, role: "A" });
  await untilLive(page);
  await page.locator("[data-outcome]").first().waitFor();
  await expectAccessible(page);
  await page.keyboard.press("o");
  await page.getByRole("dialog").waitFor();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await page.keyboard.press("b");
  await page.getByRole("dialog").waitFor();
  await page.locator("[data-device]").first().waitFor();
  await expectAccessible(page);
  await page.context().close();
});

test("the page fits into 320 px", { timeout: TEST_MS }, async () => {
  const page = await screens.open(`/locks/${flat(0).id}`, { role: "H", width: 320, height: 640 });
  await untilLive(page);
  await page.locator("[data-outcome]").first().waitFor();
  expect(await fitsWidth(page)).toBe(true);
  await page.context().close();
});
