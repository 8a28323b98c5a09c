import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { request, signInAs } from "../../server/simulation/api-client.ts";
import { runsOf } from "../../server/simulation/lock-checks.ts";
import { expectAccessible, startScreens, untilLive, type Screens } from "./screens.ts";

const START_MS = 240_000;
const TEST_MS = 120_000;
/** A lock that is silent, or a motor that gives up, on a busy machine. */
const OUTCOME_MS = 60_000;

const Locks = z.object({
  locks: z.object({
    edges: z.array(
      z.object({
        node: z.object({
          id: z.string(),
          serial: z.string(),
          place: z.object({ kind: z.string() }),
          paths: z.array(z.object({ doors: z.array(z.object({ lock: z.object({ id: z.string() }).nullable() })) })),
        }),
      }),
    ),
  }),
});
type Found = z.infer<typeof Locks>["locks"]["edges"][number]["node"];

let screens: Screens;
let flats: readonly Found[];

beforeAll(async () => {
  screens = await startScreens({ locks: 12 });
  const { login, password } = await screens.account("A");
  const found = await request(screens.hub.url, await signInAs(screens.hub.url, login, password), {
    document: `{ locks(first: 20) { edges { node { id serial place { kind } paths { doors { lock { id } } } } } } }`,
    answer: Locks,
  });
  flats = found.locks.edges
    .map(({ node }) => node)
    .filter(({ place, paths }) => place.kind === "flat" && paths.length === 1);
}, START_MS);
afterAll(() => screens.end(), START_MS);
afterEach(() => screens.expectNoComplaints());

function flat(index: number): Found {
  const found = flats[index];
  if (found === undefined) return expect.unreachable("the town has too few flats with a lock");
  return found;
}

/** Opens the innermost lock of a page by the keyboard alone: `o`, the reason, Enter, Enter. */
async function openByKeyboard(page: Page, reason: string): Promise<void> {
  await proposeByKeyboard(page, reason);
  await page.keyboard.press("Enter");
}

/** All of it but the last key. */
async function proposeByKeyboard(page: Page, reason: string): Promise<void> {
  await page.keyboard.press("o");
  await page.getByRole("dialog").waitFor();
  const whole = page.getByLabel("Kun den inderste lås");
  if ((await whole.count()) > 0) await whole.press("Space");
  await page.getByLabel("Begrundelse").focus();
  await page.keyboard.type(reason);
  await page.keyboard.press("Enter");
  await page.getByText("Disse døre åbnes:").waitFor();
  // It has the focus at once, and can be pressed once the doors have been there for a moment.
  await page.locator("button.primary:focus:not([aria-disabled])").getByText("Åbn nu").waitFor();
}

test(
  "by keyboard alone a door is opened: sent, then confirmed by its lock, then in the list of events",
  { timeout: TEST_MS },
  async () => {
    const lock = flat(0);
    const page = await screens.open(`/locks/${lock.id}`, { role: "H" });
    await untilLive(page);
    await openByKeyboard(page, "Borgeren ringer og kan ikke selv åbne");
    // From here on the page says open only with the lock's own word.
    await page.locator('[data-stage="opened"]').waitFor({ timeout: OUTCOME_MS });
    await page.locator('[data-opening="opened"]').waitFor();
    await page
      .getByText(/Åbnet kl\. [\d.]+/)
      .first()
      .waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await page.locator('[data-opening-line="opened"]').waitFor();
    await expectAccessible(page);
    await page.locator('[data-event="DoorOpened"]').first().waitFor();
    expect(await page.locator('[data-event="DoorOpened"]').first().textContent()).toContain("fjernåbning");
    await page.context().close();
  },
);

test("without a reason nothing goes on, and a double press opens once", { timeout: TEST_MS }, async () => {
  const lock = flat(0);
  const page = await screens.open(`/locks/${lock.id}`, { role: "H" });
  await untilLive(page);
  await page.keyboard.press("o");
  await page.getByRole("button", { name: "Videre" }).press("Enter");
  await page.getByText("Skriv, hvem der beder om det, og hvorfor.").waitFor();
  expect(await page.getByText("Disse døre åbnes:").count()).toBe(0);
  const sent: string[] = [];
  page.on("request", (asked) => {
    if (asked.postData()?.includes("mutation OpenDoor") === true) sent.push(asked.postData() ?? "");
  });
  const inner = page.getByLabel("Kun den inderste lås");
  if ((await inner.count()) > 0) await inner.press("Space");
  await page.getByLabel("Begrundelse").fill("Dobbelt tryk");
  // Pressed twice in a row, and held: the doors that the second press would open were never read.
  await Promise.all([1, 2].map(() => page.keyboard.press("Enter")));
  for (let repeats = 0; repeats < 40; repeats += 1) await page.keyboard.down("Enter");
  await page.waitForTimeout(1_000);
  await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  await page.getByText("Disse døre åbnes:").waitFor();
  expect(sent).toHaveLength(0);
  await page.getByRole("button", { name: "Åbn nu" }).dblclick();
  await page.locator("[data-opening]").waitFor({ timeout: OUTCOME_MS });
  expect(sent).toHaveLength(1);
  await page.context().close();
});

test("a jam looks like a jam: never open, with what to do, in the verdict too", { timeout: TEST_MS }, async () => {
  const lock = flat(1);
  const page = await screens.open(`/locks/${lock.id}`, { role: "H" });
  await untilLive(page);
  screens.locks.order({ serial: lock.serial, do: "jam" });
  await openByKeyboard(page, "Prøver en dør, der binder");
  await page.locator('[data-opening="stopped"]').waitFor({ timeout: OUTCOME_MS });
  expect(await page.locator('[data-stage="opened"]').count()).toBe(0);
  await page.locator('[data-stage="jammed"]').waitFor();
  await page.getByRole("dialog").getByText("Træk i døren, eller skub til den").waitFor();
  await page.keyboard.press("Escape");
  await page.locator('[data-verdict="JAMMED"]').waitFor();
  await page.getByText("Bed den ved døren trække i den").first().waitFor();
  screens.locks.order({ serial: lock.serial, do: "unjam" });
  await page.context().close();
});

test("a silent lock is never shown open, and says that it does not answer", { timeout: TEST_MS }, async () => {
  const lock = flat(2);
  const page = await screens.open(`/locks/${lock.id}`, { role: "H" });
  await untilLive(page);
  await proposeByKeyboard(page, "Prøver en lås, der tier");
  // Not before: of a lock that the page knows to be silent another button has the focus.
  screens.locks.order({ serial: lock.serial, do: "silence" });
  await page.keyboard.press("Enter");
  await page
    .locator('[data-opening="unknown"], [data-opening="stopped"], [data-opening="refused"]')
    .waitFor({ timeout: OUTCOME_MS });
  expect(await page.locator('[data-stage="opened"]').count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.locator('[data-verdict="SILENT"]').waitFor({ timeout: 120_000 });
  // The last one is on the page until it is put away; the next one warns of the door.
  await page.getByRole("button", { name: "Læg væk" }).click();
  expect(await page.locator("[data-opening-line]").count()).toBe(0);
  await page.keyboard.press("o");
  await page.getByLabel("Begrundelse").fill("Prøver igen");
  await page.keyboard.press("Enter");
  await page.getByText(/Bolig: låsen er tavs, sidst hørt for .* siden; den kan ikke åbnes herfra/).waitFor();
  // Enter opens no stairwell on the way to a home that stays shut.
  await page.locator("button.primary:focus").getByText("Tilbage").waitFor();
  screens.locks.order({ serial: lock.serial, do: "unsilence" });
  await page.context().close();
});

test(
  "a line lost in the middle of an opening: the outcome is not known here, and told when the line is back",
  { timeout: TEST_MS },
  async () => {
    const lock = flat(3);
    const page = await screens.open(`/locks/${lock.id}`, { role: "H" });
    await untilLive(page);
    // The lock tells nothing for a while, so that the opening is still running when the line is lost.
    screens.locks.order({ serial: lock.serial, do: "silence" });
    await openByKeyboard(page, "Linjen ryger midt i det hele");
    await page.locator('[data-opening="running"]').waitFor();
    await page.context().setOffline(true);
    await page.locator('[data-opening="unknown-here"]').waitFor();
    await page.getByText("Udfaldet kendes ikke her").waitFor();
    expect(await page.locator('[data-stage="opened"]').count()).toBe(0);
    // Put out of sight it goes on, and its key shows it again.
    await page.keyboard.press("Escape");
    await page.locator('[data-opening-line="unknown-here"]').waitFor();
    screens.locks.order({ serial: lock.serial, do: "unsilence" });
    await page.context().setOffline(false);
    const ends = ["unknown", "stopped", "opened"];
    await page.locator(ends.map((end) => `[data-opening-line="${end}"]`).join()).waitFor({ timeout: OUTCOME_MS });
    await page.keyboard.press("o");
    await page.locator(ends.map((end) => `[data-opening="${end}"]`).join()).waitFor();
    await page.context().close();
  },
);

test(
  "a press while the hub hangs says until when it counts, and opens nothing when the hub wakes",
  { timeout: TEST_MS },
  async () => {
    const lock = flat(4);
    const page = await screens.open(`/locks/${lock.id}`, { role: "H" });
    await untilLive(page);
    process.kill(screens.hub.pid, "SIGSTOP");
    try {
      await openByKeyboard(page, "Portner hænger");
      await page.getByText(/Trykket gælder til kl\. [\d.]+/).waitFor();
      await page.getByText(/Trykket gjaldt til kl\. [\d.]+/).waitFor();
    } finally {
      process.kill(screens.hub.pid, "SIGCONT");
    }
    await page.locator('[data-opening="refused"]').waitFor({ timeout: OUTCOME_MS });
    await page.getByText("Intet blev åbnet.").waitFor();
    const runs = await runsOf(screens.town, lock.serial).catch(() => []);
    expect(runs.filter(({ cmd }) => cmd !== undefined)).toEqual([]);
    await page.context().close();
  },
);

test(
  "a hub killed while a motor runs: what was proven stays, the outcome is not known, and the lock's late word is told",
  { timeout: TEST_MS },
  async () => {
    const lock = flat(5);
    const page = await screens.open(`/locks/${lock.id}`, { role: "H" });
    await untilLive(page);
    screens.locks.order({ serial: lock.serial, do: "behave", behaviour: { kind: "slowMotor", factor: 3 } });
    await openByKeyboard(page, "Portner dør midt i det hele");
    await page.locator('[data-stage="moving"]').waitFor();
    screens.locks.order({ serial: lock.serial, do: "silence" });
    await screens.restart();
    await page.locator('[data-opening="unknown"]').waitFor({ timeout: OUTCOME_MS });
    expect(await page.locator("[data-stage='unknown'] .steps .done").count()).toBe(3);
    screens.locks.order({ serial: lock.serial, do: "unsilence" });
    await page.locator('[data-opening="opened"]').waitFor({ timeout: OUTCOME_MS });
    // The browser itself tells of the hub that was away.
    screens.expectNoComplaints(/WebSocket|ERR_CONNECTION|Failed to load resource/);
    await page.context().close();
  },
);
