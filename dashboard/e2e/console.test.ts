import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { denyAgain } from "../../server/simulation/denied-openings.ts";
import { expectAccessible, fitsWidth, startScreens, untilLive, type Screens } from "./screens.ts";

/** Building, database, broker, hub, locks and a browser on two busy cores. */
const START_MS = 180_000;
const TEST_MS = 90_000;
/** Every Danish letter, and markup that must stay text. */
const NAME = "Æske Øllgård-Åbo <b>Zoé</b>";

let screens: Screens;
let home: { street: string; number: string; floor?: string; side?: string; externalId: string };
let street: string;

beforeAll(async () => {
  screens = await startScreens();
  const { world, db } = screens.town;
  const counted = Map.groupBy(world.addresses, (each) => `${each.street} ${each.number}`);
  const found = world.addresses.find(
    (each) =>
      each.floor !== undefined &&
      /[æøå]/i.test(each.street) &&
      each.street.length > 9 &&
      (counted.get(`${each.street} ${each.number}`)?.length ?? 0) > 1 &&
      world.citizens.some(({ address }) => address === each.externalId),
  );
  if (found?.floor === undefined) return expect.unreachable("a town without such a home");
  const { number, floor, side, externalId } = found;
  ({ street } = found);
  home = { street, number, floor, externalId, ...(side === undefined ? {} : { side }) };
  await db.database.raw`UPDATE citizen SET name = ${NAME}, folded = 'aeske ollgard abo b zoe b'
    WHERE address = (SELECT id FROM address WHERE external_id = ${externalId})`;
}, START_MS);
afterAll(() => screens.end(), START_MS);
afterEach(() => screens.expectNoComplaints());

/** As somebody in a hurry types it: two letters in the wrong order, no Danish letters. */
function typed(): string {
  const plain = street.toLowerCase().replaceAll("å", "aa").replaceAll("ø", "oe").replaceAll("æ", "ae");
  const at = Math.floor(plain.length / 2);
  const swapped = plain.slice(0, at) + plain.charAt(at + 1) + plain.charAt(at) + plain.slice(at + 2);
  return `${swapped} ${home.number} ${home.floor ?? ""} ${home.side ?? ""}`.trim();
}

async function answered(page: Page): Promise<void> {
  // The box points to a choice only while the choices answer what is typed.
  await page.locator('[role="combobox"][aria-activedescendant]').waitFor();
}

const LOOKS = (["light", "dark"] as const).flatMap((theme) =>
  (["da", "en"] as const).map((language) => ({ theme, language })),
);

test.each(LOOKS)(
  "the console is accessible, empty and with hits: $theme, $language",
  { timeout: TEST_MS },
  async (look) => {
    const page = await screens.open("/", { ...look, role: "H" });
    await untilLive(page);
    await expectAccessible(page);
    await page.keyboard.type(typed());
    await answered(page);
    await expectAccessible(page);
    await page.context().close();
  },
);

test("a home typed with wrong letters is on top, and one key opens it", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/#caller=FJ1001", { role: "H" });
  await untilLive(page);
  const box = page.getByRole("combobox");
  expect(await box.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await page.getByLabel("Opkalderens medarbejder-id").inputValue()).toBe("FJ1001");
  expect(page.url()).toBe(`${screens.hub.url}/`);
  await page.keyboard.type(typed());
  await answered(page);
  const best = page.locator('[role="option"][aria-selected="true"]');
  expect(await best.textContent()).toContain(`${street} ${home.number}, ${home.floor}`);
  expect(await box.getAttribute("aria-activedescendant")).toBe(await best.getAttribute("id"));
  expect(page.url()).not.toContain(street.slice(0, 4).toLowerCase());
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/(addresses|locks)\/.*#caller=FJ1001$/);
  expect(page.url()).not.toContain("text");
  // What those pages say of themselves is theirs to try.
  screens.expectNoComplaints(/./);
  await page.context().close();
});

test("what was found is looked at anew while it is shown, with its ages", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/", { role: "H" });
  await untilLive(page);
  await page.keyboard.type(screens.town.world.locks[0]?.serial ?? "");
  await answered(page);
  const hit = page.locator('[role="option"]').first();
  const before = await hit.getAttribute("id");
  await page.waitForResponse((response) => response.request().postData()?.includes("ConsoleSearch") === true);
  expect(await hit.getAttribute("aria-selected")).toBe("true");
  expect(await hit.getAttribute("id")).toBe(before);
  expect(await hit.locator(".bolt").textContent()).toMatch(/siden|Ukendt/);
  await page.context().close();
});

test("letters typed anywhere go into the search, and arrows choose among the hits", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/", { role: "H" });
  await untilLive(page);
  await page.getByRole("heading", { level: 2 }).first().click();
  await page.keyboard.type("gade");
  expect(await page.getByRole("combobox").inputValue()).toBe("gade");
  await page.getByRole("combobox").fill(screens.town.world.locks[0]?.serial ?? "");
  await answered(page);
  const chosen = () => page.locator('[role="option"][aria-selected="true"]').getAttribute("id");
  expect(await chosen()).toBe("console-hits-0");
  await page.keyboard.press("ArrowDown");
  expect(await chosen()).toBe("console-hits-1");
  await page.keyboard.press("ArrowUp");
  // 400 % zoom: what Enter would open is in sight wherever the arrows have gone.
  await page.setViewportSize({ width: 320, height: 200 });
  await page.keyboard.press("ArrowUp");
  const last = page.locator('[role="option"][aria-selected="true"]');
  const isInSight = (option: Element) => {
    const { top, bottom } = option.getBoundingClientRect();
    return top >= 0 && bottom <= window.innerHeight;
  };
  expect([await last.getAttribute("href"), await last.evaluate(isInSight)]).toEqual(["#look-up", true]);
  await page.keyboard.press("Escape");
  expect(await page.getByRole("combobox").inputValue()).toBe("");
  await page.context().close();
});

test(
  "a question mark in the empty search lists the keys, and in a search it is text",
  { timeout: TEST_MS },
  async () => {
    const page = await screens.open("/", { role: "H" });
    await untilLive(page);
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    expect(await page.getByRole("combobox").inputValue()).toBe("");
    await page.keyboard.type("a?");
    expect(await page.getByRole("combobox").inputValue()).toBe("a?");
    await page.context().close();
  },
);

test(
  "a citizen is looked up by keyboard, with caller and purpose, and the journal has it",
  { timeout: TEST_MS },
  async () => {
    const page = await screens.open("/", { role: "H" });
    await untilLive(page);
    await page.keyboard.type("Æske Øllgård");
    await answered(page);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await page.getByText("Skriv medarbejder-id for den, der ringer.").waitFor();
    await page.keyboard.type("FJ1002");
    await page.keyboard.press("Tab");
    expect(await page.getByLabel("Borger", { exact: true }).inputValue()).toBe("Æske Øllgård");
    await page.keyboard.press("Tab");
    await page.keyboard.type("opkald 118");
    await page.keyboard.press("Enter");
    await page.getByText(NAME).waitFor();
    const found = await page.locator('[data-look-up-answer="found"]').textContent();
    expect(found).toContain(street);
    expect(found?.indexOf(street)).toBeLessThan(found?.indexOf(NAME) ?? 0);
    expect(await page.locator('[data-look-up-answer="found"] b').count()).toBe(0);
    await expectAccessible(page);
    const [kept] = await screens.town.db.database.raw<{ body: string }[]>`
    SELECT t.body FROM journal j JOIN journal_text t ON t.id = (j.data->'purpose'->>'id')::uuid
    WHERE j.kind = 'citizen.consulted' ORDER BY j.seq DESC LIMIT 1`;
    expect(JSON.parse(kept?.body ?? "{}")).toEqual({ purpose: "opkald 118", callerId: "FJ1002" });
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.title]),
    );
    expect(stored).not.toMatch(/llg/);
    await page.context().close();
  },
);

test(
  "a caller whom nobody knows is told of at the caller's field, which has the focus",
  { timeout: TEST_MS },
  async () => {
    const page = await screens.open("/", { role: "H" });
    await untilLive(page);
    const caller = page.getByLabel("Opkalderens medarbejder-id");
    await caller.fill("FJ0000000");
    await page.getByLabel("Borger", { exact: true }).fill("Æske");
    await page.getByLabel("Formål").fill("opkald 120");
    await page.keyboard.press("Enter");
    await page.locator(".field", { has: caller }).getByText("Ingen aktiv medarbejder har det id").waitFor();
    await page.waitForFunction("document.activeElement?.dataset.lookUp === 'callerId'");
    expect(await page.getByText("Fundne borgere").count()).toBe(0);
    await page.keyboard.press("End");
    await page.keyboard.type("1");
    await page.getByText("Ingen aktiv medarbejder har det id").waitFor({ state: "detached" });
    await page.context().close();
  },
);

test("somebody who is denied twice at one door is shown with the way there", { timeout: TEST_MS }, async () => {
  await denyAgain(screens.town.db.database, 2);
  const page = await screens.open("/", { role: "H" });
  const group = page.locator('[data-cause="DENIED_AGAIN"]');
  await group.getByText("2 gange").waitFor();
  expect(await group.getByRole("link").first().getAttribute("href")).toMatch(/^\/locks\/./);
  // At the end of the row, also where the address is long.
  const address = await group.getByRole("link").first().boundingBox();
  const age = await group.getByText("2 gange").first().boundingBox();
  expect((address?.x ?? Infinity) + (address?.width ?? 0)).toBeLessThanOrEqual(age?.x ?? 0);
  await page.context().close();
});

test(
  "without JavaScript one searches and looks up by forms that keep names out of addresses",
  { timeout: TEST_MS },
  async () => {
    const page = await screens.open("/", { role: "H", javaScript: false });
    await page.getByRole("searchbox").fill(typed());
    await page.getByRole("searchbox").press("Enter");
    await page
      .getByRole("link", { name: new RegExp(`${street} ${home.number}`) })
      .first()
      .waitFor();
    expect(page.url()).toBe(`${screens.hub.url}/?/search`);
    await page.getByLabel("Borger", { exact: true }).fill("Æske");
    await page.getByLabel("Opkalderens medarbejder-id").fill("FJ1001");
    await page.getByLabel("Formål").fill("opkald 119");
    await page.getByRole("button", { name: "Slå op" }).click();
    await page.getByText(NAME).waitFor();
    expect(page.url()).toBe(`${screens.hub.url}/?/lookUp`);
    await page.context().close();
  },
);

test("a role without the right sees why, and a carer lands on the carer's page", { timeout: TEST_MS }, async () => {
  const assessor = await screens.open("/", { role: "V" });
  await assessor.getByText("Din rolle ser ikke låsenes tilstand").waitFor();
  await assessor.getByText("Din rolle ser ikke hændelser ved dørene").waitFor();
  await assessor.context().close();
  const carer = await screens.open("/", { role: "E" });
  expect(new URL(carer.url()).pathname).not.toBe("/");
  await carer.context().close();
});

test("the console fits into 320 px, also with hits", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/", { role: "H", width: 320, height: 640 });
  await untilLive(page);
  expect(await fitsWidth(page)).toBe(true);
  await page.keyboard.type(typed());
  await answered(page);
  expect(await fitsWidth(page)).toBe(true);
  await page.context().close();
});
