import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import {
  cardOf,
  codeFor,
  enrol,
  expectRuns,
  hold,
  openPhone,
  startPhones,
  untilWord,
  waysOf,
  type Phones,
  type Way,
} from "./carer.ts";
import { expectAccessible, fitsWidth, type Screens } from "./screens.ts";

const START_MS = 300_000;
const TEST_MS = 90_000;
const STEP_MS = 20_000;

let phones: Phones;
let screens: Screens;

beforeAll(async () => {
  phones = await startPhones();
  ({ screens } = phones);
}, START_MS);
afterAll(() => screens.end(), START_MS);
afterEach(() => screens.expectNoComplaints());

test(
  "a wrong code says so, a right one makes the browser a phone, and a reload keeps it",
  { timeout: TEST_MS },
  async () => {
    const page = await openPhone(screens);
    await page.getByLabel("Engangskode").fill("AAAA-AAAA-AAAA");
    await page.getByRole("button", { name: "Tilmeld" }).click();
    await page.locator("p.error").getByText("Koden passer ikke").waitFor();
    const code = await codeFor(screens, phones.administrator, phones.carer);
    await enrol(page, code);
    const titles = await page.locator(".path h2").allTextContents();
    for (const { title } of waysOf(screens, phones.carer)) expect(titles).toContain(title);
    const houses = titles.map((title) => title.split(",", 1)[0] ?? "");
    expect(houses).toEqual(houses.toSorted(new Intl.Collator("da", { numeric: true }).compare));
    await page.reload();
    await page.locator(".path").first().waitFor();
    expect(await page.locator(".path h2").allTextContents()).toEqual(titles);
    const call = page.getByRole("link", { name: "Ring til hotline: 00 11 22 33" });
    expect(await call.getAttribute("href")).toBe("tel:+4500112233");
    const second = await openPhone(screens);
    await second.getByLabel("Engangskode").fill(code);
    await second.keyboard.press("Enter");
    await second.locator("p.error").getByText("Koden er brugt").waitFor();
    await page.context().close();
    await second.context().close();
  },
);

test("held, a door says sent and then unlocked by its own word; its motor ran once", { timeout: TEST_MS }, async () => {
  const page = await phones.enrolled();
  const way = phones.freshWay(1);
  const words = watchWords(page, way);
  await hold(page, way);
  await untilWord(page, way, "Låst op");
  await expectRuns(screens, way, [1]);
  const seen = await words;
  console.info(`words of one opening: ${seen.join(" → ")}`);
  expect(seen.at(-1)).toBe("Låst op");
  // From when a lock may throw its bolt again, the phone claims no more than that it was open.
  await cardOf(page, way).getByText("Døren kan have låst sig selv igen").waitFor({ timeout: STEP_MS });
  expect(seen.slice(0, -1)).not.toContain("Låst op");
  expect(seen.some((word) => /Sendt|Låsen kører/.test(word))).toBe(true);
  await page.context().close();
});

/** Every large word of a card in its order, until it has unlocked. */
function watchWords(page: Page, { title }: Way): Promise<readonly string[]> {
  return page.evaluate(`new Promise((done) => {
    const card = [...document.querySelectorAll(".path")].find((one) => one.querySelector("h2").textContent === ${JSON.stringify(title)});
    const words = [];
    new MutationObserver(() => {
      const word = card.querySelector(".report strong")?.textContent;
      if (word === undefined || words.at(-1) === word) return;
      words.push(word);
      if (word === "Låst op") done(words);
    }).observe(card, { subtree: true, childList: true, characterData: true });
  })`);
}

test("pressed shortly it asks for a second press; pressed wildly it opens once", { timeout: TEST_MS }, async () => {
  const page = await phones.enrolled();
  const way = phones.freshWay(1);
  const button = cardOf(page, way).getByRole("button");
  // A double tap is one press.
  await button.dblclick();
  await button.getByText("Tryk igen for at åbne").waitFor();
  expect(await cardOf(page, way).getAttribute("data-press")).toBe("idle");
  await pressAgain(page, way, () => button.click({ force: true }));
  for (let press = 0; press < 4; press += 1) await button.click({ force: true });
  await untilWord(page, way, "Låst op");
  await expectRuns(screens, way, [1]);
  await page.context().close();
});

/** Presses, as people do, until the second press is taken for one. */
async function pressAgain(page: Page, way: Way, press: () => Promise<void>): Promise<void> {
  await vi.waitFor(async () => {
    await press();
    expect(await cardOf(page, way).getAttribute("data-press")).not.toBe("idle");
  }, STEP_MS);
}

test("by keyboard alone: enrolled, found, opened", { timeout: TEST_MS }, async () => {
  const page = await openPhone(screens);
  const way = phones.freshWay(1);
  await page.getByLabel("Engangskode").waitFor();
  const reach = async (selector: string): Promise<void> => {
    for (let tabs = 0; tabs < 60; tabs += 1) {
      if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) === true`)) return;
      await page.keyboard.press("Tab");
    }
    expect(selector).toBe("reached");
  };
  await reach("form input[required]");
  await page.keyboard.type(await codeFor(screens, phones.administrator, phones.carer));
  await page.keyboard.press("Enter");
  await page.locator(".path").first().waitFor({ timeout: STEP_MS });
  await reach("input[type=search]");
  await page.keyboard.type(way.title.replaceAll(/[.,]/g, ""));
  await vi.waitFor(async () => expect(await page.locator(".path").count()).toBe(1), STEP_MS);
  await reach("button.hold");
  await page.keyboard.press("Enter");
  await pressAgain(page, way, () => page.keyboard.press("Enter"));
  await untilWord(page, way, "Låst op");
  await expectRuns(screens, way, [1]);
  await page.context().close();
});

test("a street with markup in its name stays text", { timeout: TEST_MS }, async () => {
  const street = "<img src=x onerror=alert(1)> Ærøvej";
  const { raw } = screens.town.db.database;
  const way = phones.freshWay(1);
  const name = way.title.replace(/ \d.*$/, "");
  await raw`UPDATE address SET street = ${street} WHERE street = ${name}`;
  const page = await phones.enrolled();
  await page.getByRole("heading", { name: street }).first().waitFor();
  expect(await page.locator(".path img").count()).toBe(0);
  await raw`UPDATE address SET street = ${name} WHERE street = ${street}`;
  await page.context().close();
});

const LOOKS = (["light", "dark"] as const).flatMap((theme) =>
  (["da", "en"] as const).map((language) => ({ theme, language })),
);

test.each(LOOKS)(
  "enrolment, doors and an opened door are accessible: $theme, $language",
  { timeout: TEST_MS },
  async (look) => {
    const page = await openPhone(screens, look);
    await page.locator("form input[required]").waitFor();
    await expectAccessible(page);
    await enrol(page, await codeFor(screens, phones.administrator, phones.carer));
    await expectAccessible(page);
    const way = waysOf(screens, phones.carer).find(({ serials }) => serials.length === 2) ?? phones.freshWay(2);
    await hold(page, way);
    await cardOf(page, way).locator(".report .when").waitFor({ timeout: STEP_MS });
    await expectAccessible(page);
    const heights = await page
      .locator(".phone button, .phone input")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
    await page.context().close();
  },
);

test("it fits into 320 px, and without JavaScript it says what it needs", { timeout: TEST_MS }, async () => {
  const narrow = await phones.enrolled({ width: 320, height: 640 });
  const way = waysOf(screens, phones.carer).find(({ serials }) => serials.length === 2) ?? phones.freshWay(2);
  await hold(narrow, way);
  await cardOf(narrow, way).locator(".report .when").waitFor({ timeout: STEP_MS });
  expect(await fitsWidth(narrow)).toBe(true);
  await narrow.context().close();
  const still = await openPhone(screens, { javaScript: false });
  await still.getByText("Denne side skal bruge JavaScript").waitFor();
  await still.context().close();
});
