import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { request } from "../../server/simulation/api-client.ts";
import { endMemberships } from "../../server/simulation/end-memberships.ts";
import {
  cardOf,
  carersWith,
  codeFor,
  commandRuns,
  enrol,
  expectRuns,
  hold,
  openPhone,
  startPhones,
  untilWord,
  type Phones,
} from "./carer.ts";
import type { Screens } from "./screens.ts";

const START_MS = 300_000;
const TEST_MS = 90_000;
const STEP_MS = 20_000;
const HOUR_MS = 3_600_000;
/** S14, with the time that a loaded browser takes to paint. */
const ENDED_MS = 3_000;

let phones: Phones;
let screens: Screens;

beforeAll(async () => {
  phones = await startPhones();
  ({ screens } = phones);
}, START_MS);
afterAll(() => screens.end(), START_MS);
afterEach(() => screens.expectNoComplaints());

test("a jam at the second door says which door and what to do", { timeout: TEST_MS }, async () => {
  const page = await phones.enrolled();
  const way = phones.freshWay(2);
  screens.locks.order({ serial: way.serials[1] ?? "", do: "jam" });
  await hold(page, way);
  await untilWord(page, way, "1 af 2 døre");
  const card = cardOf(page, way);
  await card.locator(".report").getByText("Sidder fast").waitFor();
  await card.getByText("Træk døren til dig").waitFor();
  expect(await card.locator("[data-stage]").evaluateAll((all) => all.map((one) => one.dataset["stage"]))).toEqual([
    "opened",
    "jammed",
  ]);
  screens.locks.order({ serial: way.serials[1] ?? "", do: "unjam" });
  await page.context().close();
});

test("a silent lock never looks unlocked", { timeout: TEST_MS }, async () => {
  const page = await phones.enrolled();
  const way = phones.freshWay(1);
  screens.locks.order({ serial: way.serials[0] ?? "", do: "silence" });
  await hold(page, way);
  await untilWord(page, way, /Uvist|Ikke låst op/);
  expect(await cardOf(page, way).textContent()).toMatch(/smartkey|Prøv døren/);
  screens.locks.order({ serial: way.serials[0] ?? "", do: "unsilence" });
  await page.context().close();
});

test(
  "a line lost in the middle of an opening says so, and ends with the truth: opened once",
  { timeout: TEST_MS },
  async () => {
    const page = await phones.enrolled();
    const way = phones.freshWay(2);
    await hold(page, way);
    await untilWord(page, way, /Sendt|Låsen kører/);
    await page.context().setOffline(true);
    await untilWord(page, way, "Intet svar");
    await page.locator('[data-line="lost"]').waitFor({ timeout: STEP_MS });
    await page.context().setOffline(false);
    await untilWord(page, way, "Låst op");
    await expectRuns(screens, way, [1, 1]);
    screens.expectNoComplaints(/ERR_INTERNET_DISCONNECTED|Failed to load resource/);
    await page.context().close();
  },
);

test("a press that never left is not sent later, when nobody stands at the door", { timeout: TEST_MS }, async () => {
  const page = await phones.enrolled();
  const way = phones.freshWay(1);
  await page.context().setOffline(true);
  await hold(page, way);
  await untilWord(page, way, "Intet svar");
  await untilWord(page, way, "Uvist");
  await page.context().setOffline(false);
  await page.locator('[data-line="live"]').waitFor({ timeout: STEP_MS });
  // The phone goes on asking what became of it, and the hub knows.
  await untilWord(page, way, "Ikke låst op");
  await cardOf(page, way).getByText("Intet blev åbnet.").waitFor();
  expect(await commandRuns(screens, way)).toEqual([0]);
  screens.expectNoComplaints(/ERR_INTERNET_DISCONNECTED|Failed to load resource/);
  await page.context().close();
});

test("a press while the hub hangs opens nothing when the hub wakes, and says so", { timeout: TEST_MS }, async () => {
  const page = await phones.enrolled();
  const way = phones.freshWay(1);
  process.kill(screens.hub.pid, "SIGSTOP");
  try {
    await hold(page, way);
    await cardOf(page, way)
      .getByText(/Trykket gælder til kl\. [\d.]+/)
      .waitFor();
    await cardOf(page, way)
      .getByText(/Trykket gjaldt til kl\. [\d.]+/)
      .waitFor();
  } finally {
    process.kill(screens.hub.pid, "SIGCONT");
  }
  await untilWord(page, way, "Ikke låst op");
  await cardOf(page, way).getByText("Intet blev åbnet.").waitFor();
  expect(await commandRuns(screens, way)).toEqual([0]);
  await page.context().close();
});

test("a phone whose clock is three hours off opens all the same", { timeout: TEST_MS }, async () => {
  const page = await openPhone(screens);
  await page.addInitScript(`{
    const now = Date.now.bind(Date), Real = Date;
    Date = class extends Real { constructor(...args) { super(...(args.length ? args : [now() + ${3 * HOUR_MS}])); } };
    Date.now = () => now() + ${3 * HOUR_MS};
  }`);
  await page.reload();
  await enrol(page, await codeFor(screens, phones.administrator, phones.carer));
  const way = phones.freshWay(1);
  await hold(page, way);
  await untilWord(page, way, "Låst op");
  await expectRuns(screens, way, [1]);
  await page.context().close();
});

const BLOCK = `mutation($input: BlockCredentialInput!) { blockCredential(input: $input) {
  ... on BlockCredentialSuccess { endedSessions } ... on UserError { failure: code } } }`;

test("a block ends the page at once, and a reload does not bring it back", { timeout: TEST_MS }, async () => {
  const page = await phones.enrolled();
  const [newest] = await screens.town.db.database.raw<{ publicId: string }[]>`
    SELECT public_id AS "publicId" FROM credential ORDER BY id DESC LIMIT 1`;
  const credential = Buffer.from(`Credential:${newest?.publicId}`).toString("base64url");
  const ended = page.evaluate(`new Promise((done) => new MutationObserver(() => {
    if (document.querySelector(".ended") !== null) done(performance.timeOrigin + performance.now());
  }).observe(document.body, { subtree: true, childList: true }))`);
  await request(screens.hub.url, phones.administrator, {
    document: BLOCK,
    variables: { input: { credential, reason: "Telefonen er tabt" } },
    answer: z.object({ blockCredential: z.object({ endedSessions: z.int() }) }),
  });
  const blockedAt = performance.timeOrigin + performance.now();
  const tookMs = z.number().parse(await ended) - blockedAt;
  console.info(`block answered to page ended: ${Math.round(tookMs)} ms`);
  expect(tookMs).toBeLessThan(ENDED_MS);
  expect(await page.locator(".hold").count()).toBe(0);
  await page.reload();
  await page.getByText("Telefonen kan ikke åbne døre mere").waitFor();
  // The browser tells of each answer that refused the phone.
  screens.expectNoComplaints(/status of 401/);
  await page.context().close();
});

test(
  "a membership that ended meanwhile is refused with why and what next, and no motor runs",
  { timeout: TEST_MS },
  async () => {
    const employee = carersWith(screens, 1).find((one) => one !== phones.carer) ?? "";
    const page = await phones.enrolled({}, employee);
    const way = phones.freshWay(1, employee);
    await endMemberships(screens.town, employee);
    await hold(page, way);
    await untilWord(page, way, "Afvist");
    const told = await cardOf(page, way).locator(".report").textContent();
    console.info(`refused: ${told?.replaceAll(/\s+/g, " ")}`);
    expect(told).toContain("Næste skridt:");
    expect(await commandRuns(screens, way)).toEqual([0]);
    await page.context().close();
  },
);
