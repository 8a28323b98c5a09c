import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { recordDoorBurst } from "../../server/simulation/door-burst.ts";
import { collapse, eventsIn } from "../src/lib/feed/collapse.ts";
import { BUFFER_ROWS_MAX } from "../src/lib/feed/feed-buffer.ts";
import { rowOf, type FeedRow } from "../src/lib/feed/feed-row.ts";
import { NO_FILTER } from "../src/lib/feed/filter.ts";
import { loadFeed } from "../src/lib/feed/load-feed.ts";
import type { Fetch } from "../src/lib/graphql/index.ts";
import { expectAccessible, fitsWidth, startScreens, untilLive, type Screens } from "./screens.ts";

const START_MS = 180_000;
const TEST_MS = 90_000;
const STEP_MS = 15_000;
/** Events that nobody heard while the hub was away. */
const MISSED = Number(process.env.PORTNER_TEST_MISSED_EVENTS ?? 5_000);
/** The goal is 3 s on a quiet machine, and is measured; this is when it counts as hanging. */
const CATCH_UP_MS = 60_000;
const HOUR_MS = 3_600_000;

let screens: Screens;
let serials: readonly string[];

beforeAll(async () => {
  screens = await startScreens();
  serials = screens.town.world.locks.map(({ serial }) => serial);
  await recordDoorBurst(screens.town, 80);
}, START_MS);
afterAll(() => screens.end(), START_MS);
afterEach(() => screens.expectNoComplaints());

/** What a line says that never changes: everything but its age. */
interface Line {
  readonly cursor: string;
  readonly count: number;
  readonly text: string;
}

const READ_LINES = `[...document.querySelectorAll(".item[data-cursor]")].map((item) => {
  const copy = item.cloneNode(true);
  for (const age of copy.querySelectorAll(".age")) age.remove();
  return { cursor: item.dataset.cursor, count: Number(item.dataset.count), text: copy.textContent.replace(/\\s+/g, " ").trim() };
}).filter(({ cursor }) => cursor.startsWith("j"))`;

function linesOf(page: Page): Promise<readonly Line[]> {
  return page.evaluate(READ_LINES);
}

/** Every line of the page, by scrolling through all of it. */
async function wholeFeed(page: Page): Promise<readonly Line[]> {
  const found = new Map<string, Line>();
  for (let before = -1; before !== found.size || (await atEnd(page)) === false;) {
    before = found.size;
    for (const line of await linesOf(page)) found.set(line.cursor, line);
    await page.evaluate("window.scrollBy(0, window.innerHeight * 0.6)");
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  }
  return [...found.values()];
}

function atEnd(page: Page): Promise<boolean> {
  return page.evaluate("window.scrollY + window.innerHeight >= document.documentElement.scrollHeight - 2");
}

/** How many of so many newest events a page shows: the second that its oldest are of may be told in part, and is not. */
async function wholeSecondsOf(newest: number): Promise<number> {
  const [row] = await screens.town.db.database.raw<{ whole: number }[]>`
    WITH kept AS (SELECT floor(extract(epoch FROM recorded_at)) AS second FROM journal WHERE kind = 'lock.door'
      ORDER BY seq DESC LIMIT ${newest})
    SELECT count(*) FILTER (WHERE second > (SELECT min(second) FROM kept))::integer AS whole FROM kept`;
  return row?.whole ?? 0;
}

/** Asks with the session of a page, and not through the page. */
function fetchAs(page: Page): Fetch {
  const { origin } = new URL(page.url());
  return async (path, init) => {
    const headers = { "content-type": "application/json", origin };
    const answer = await page.context().request.post(`${origin}${String(path)}`, { headers, data: String(init?.body) });
    return new Response(await answer.text(), { status: answer.status() });
  };
}

/** The lines that the journal itself gives, newest first, down to more events than a page holds. */
async function linesOfJournal(page: Page): Promise<readonly Pick<Line, "cursor" | "count">[]> {
  const ask = fetchAs(page);
  const rows: FeedRow[] = [];
  for (let before: string | null = null; rows.length <= BUFFER_ROWS_MAX;) {
    const answer = await loadFeed(ask, NO_FILTER, { before });
    if (!answer.ok) expect.unreachable(answer.failure.code);
    rows.push(...answer.value.edges.toReversed().flatMap((edge) => rowOf(edge, false) ?? []));
    if (!answer.value.hasEarlier) break;
    before = answer.value.startCursor;
  }
  return collapse(rows).map((item) => {
    const [newest] = item.kind === "group" ? item.rows : [item];
    return { cursor: newest?.key ?? "", count: eventsIn(item) };
  });
}

/** Numbers of cursors `j<epoch>.<sequence>`; only tests look into them. */
function sequenceOf({ cursor }: Line): number {
  return Number(cursor.split(".")[1]);
}

const happen = (serial: string, order: string): void => screens.locks.order({ serial, do: order });

async function untilFirstLine(page: Page, pattern: RegExp): Promise<void> {
  await vi.waitFor(async () => expect((await linesOf(page))[0]?.text).toMatch(pattern), STEP_MS);
}

test("what happens at a door comes in by itself, and its line leads to the lock", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/live", { role: "H" });
  await untilLive(page);
  const [serial = ""] = serials;
  screens.locks.order({ serial, do: "tamper", what: "cover" });
  await untilFirstLine(page, /pillet ved.*dækslet åbnet/);
  const link = page.locator(".item a").first();
  expect(await link.getAttribute("href")).toMatch(/^\/locks\/[A-Za-z0-9_-]+$/);
  await page.context().close();
});

test.each([
  ["B", "Din rolle ser ikke hændelser ved dørene"],
  ["I", "Om andre låse siger listen intet."],
  ["E", "Du ser kun hændelser om dig selv"],
] as const)("%s, who is told of few events or none, is told so", { timeout: TEST_MS }, async (role, words) => {
  const page = await screens.open("/live", { role });
  await untilLive(page);
  await page.getByText(words).waitFor();
  expect(await page.getByText(/i minuttet|så snart en lås, du må se/).count()).toBe(0);
  await page.context().close();
});

test("keys walk through the lines, hold the picture and let it go", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/live", { role: "A" });
  await untilLive(page);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.locator(".item:nth-child(1) >> nth=0").waitFor();
  await vi.waitFor(async () => expect(await page.locator(".stand.held").count()).toBe(1), STEP_MS);
  const held = await linesOf(page);
  screens.locks.order({ serial: serials[1] ?? "", do: "tamper", what: "force" });
  await page.getByText(/‖ \d+ nye?/).waitFor();
  expect((await linesOf(page)).map(({ cursor }) => cursor)).toEqual(held.map(({ cursor }) => cursor));
  await page.evaluate("document.activeElement.blur()");
  await untilFirstLine(page, /vold mod låsen/);
  await page.keyboard.press(" ");
  await page.locator(".stand.held").waitFor();
  screens.locks.order({ serial: serials[1] ?? "", do: "tamper", what: "battery" });
  await page.getByText(/‖ \d+ nye?/).waitFor();
  await page.keyboard.press(" ");
  await untilFirstLine(page, /batteriet taget ud/);
  await page.keyboard.press("f");
  expect(await page.evaluate("document.activeElement.name")).toBe("text");
  await page.context().close();
});

test("a filter stands in the address, and the page follows within it", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/live?type=tampered", { role: "H" });
  await untilLive(page);
  for (const { text } of await linesOf(page)) expect(text).toContain("pillet ved");
  happen(serials[2] ?? "", "turnByHand");
  screens.locks.order({ serial: serials[2] ?? "", do: "tamper", what: "battery" });
  await untilFirstLine(page, /batteriet taget ud/);
  await page.getByLabel("Adresse eller låsnummer").fill("ingen gade hedder sådan");
  await page.keyboard.press("Enter");
  await page.getByText("Ingen hændelser passer til filteret").waitFor();
  expect(new URL(page.url()).searchParams.get("text")).toBe("ingen gade hedder sådan");
  await page.context().close();
});

test(
  "a hub killed under an open page, thousands of events and a street with markup in its name: all there, in order, without a reload",
  { timeout: TEST_MS * 2 },
  async () => {
    const page = await screens.open("/live", { role: "A" });
    await untilLive(page);
    const before = await linesOf(page);
    await screens.hub.kill();
    await page.locator("[data-not-live]").waitFor({ timeout: STEP_MS });
    const { raw } = screens.town.db.database;
    await raw`UPDATE address SET street = '<img src=x onerror=alert(1)> Ærøvej' WHERE id = (SELECT min(address) FROM door)`;
    await recordDoorBurst(screens.town, MISSED);
    await screens.restart();
    const upAt = performance.now();
    const hole = page.locator("[data-hole]");
    await hole.waitFor({ state: "attached", timeout: STEP_MS });
    const backAt = performance.now();
    await vi.waitFor(async () => expect(await hole.getAttribute("data-hole")).toBe(String(MISSED)), CATCH_UP_MS);
    await untilLive(page);
    const doneAt = performance.now();
    console.info(
      `U4: hub ready to line back ${Math.round(backAt - upAt)} ms, ${MISSED} events fetched and shown ${Math.round(doneAt - backAt)} ms later`,
    );
    const [newest] = await raw<{ seq: string }[]>`SELECT max(seq) AS seq FROM journal WHERE kind = 'lock.door'`;
    const whole = await wholeSecondsOf(Math.min(BUFFER_ROWS_MAX, MISSED));
    const lines = await vi.waitFor(async () => {
      await page.evaluate("window.scrollTo(0, 0)");
      // Behind the last event comes the last picture; whoever scrolls before holds the one that is there.
      await page.locator(".stand:not([data-waiting])").first().waitFor();
      const [top] = await linesOf(page);
      expect(top === undefined ? 0 : sequenceOf(top)).toBeGreaterThanOrEqual(Number(newest?.seq));
      const found = await wholeFeed(page);
      expect(found.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(whole * 0.9);
      return found;
    }, CATCH_UP_MS);
    // What the journal got meanwhile stands above.
    const journal = await linesOfJournal(page);
    const from = journal.findIndex(({ cursor }) => cursor === lines[0]?.cursor);
    expect(lines.map(({ cursor, count }) => ({ cursor, count }))).toEqual(journal.slice(from, from + lines.length));
    const order = lines.map(sequenceOf);
    expect(order[0]).toBeGreaterThan(sequenceOf(before[0] ?? { cursor: "j1.0", count: 0, text: "" }));
    expect(lines.some(({ text }) => text.includes("<img src=x onerror=alert(1)> Ærøvej"))).toBe(true);
    expect(await page.locator(".rows img").count()).toBe(0);
    // The browser tells of each try while nobody listened.
    screens.expectNoComplaints(/WebSocket|ERR_CONNECTION|Failed to load resource/);
    await page.context().close();
  },
);

test("a reload changes no line", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/live", { role: "A" });
  await untilLive(page);
  const tampered = serials.slice(3, 8);
  for (const serial of tampered) screens.locks.order({ serial, do: "tamper", what: "cover" });
  await vi.waitFor(async () => {
    const newest = (await linesOf(page)).slice(0, tampered.length);
    expect(newest.filter(({ text }) => text.includes("dækslet åbnet"))).toHaveLength(tampered.length);
  }, STEP_MS);
  const live = await linesOf(page);
  await page.reload();
  await untilLive(page);
  // What was cut off at another place is fetched as soon as its place comes into sight.
  await vi.waitFor(async () => expect(await linesOf(page)).toEqual(live), STEP_MS);
  await page.context().close();
});

test.each([-2, 2])(
  "a viewer's clock that is %i hours wrong makes no event older or younger",
  { timeout: TEST_MS },
  async (hours) => {
    const page = await screens.open("/sign-in", { role: "A" });
    await page.context().addInitScript(`{
    const now = Date.now.bind(Date), Real = Date;
    Date = class extends Real { constructor(...args) { super(...(args.length ? args : [now() + ${hours * HOUR_MS}])); } };
    Date.now = () => now() + ${hours * HOUR_MS};
  }`);
    await page.goto(`${screens.hub.url}/live`);
    await untilLive(page);
    screens.locks.order({ serial: serials[9] ?? "", do: "tamper", what: "cover" });
    await untilFirstLine(page, /dækslet åbnet/);
    expect(await page.locator(".age").first().textContent()).toMatch(/^for \d+ s siden$/);
    expect(await page.evaluate("Math.abs(Date.now() - performance.timeOrigin - performance.now()) > 3600000")).toBe(
      true,
    );
    await page.context().close();
  },
);

test("a session that ends under an open page is told, and the way back leads here", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/live?type=tampered", { role: "H" });
  await untilLive(page);
  await page.evaluate(`fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "mutation { signOut { __typename } }" }) }).then((answer) => answer.text())`);
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Din session er slut").waitFor();
  expect(await dialog.getByRole("link").getAttribute("href")).toContain(encodeURIComponent("/live?type=tampered"));
  await page.context().close();
});

const LOOKS = (["light", "dark"] as const).flatMap((theme) =>
  (["da", "en"] as const).map((language) => ({ theme, language })),
);

test.each(LOOKS)("the live page is accessible: $theme, $language", { timeout: TEST_MS }, async (look) => {
  const page = await screens.open("/live", { ...look, role: "H" });
  await untilLive(page);
  await page.locator("summary").click();
  expect(await page.locator("html").getAttribute("lang")).toBe(look.language);
  await expectAccessible(page);
  await page.context().close();
});

test(
  "it fits into 320 px, reads without JavaScript, and is closed to whoever may not see it",
  { timeout: TEST_MS },
  async () => {
    const narrow = await screens.open("/live", { role: "H", width: 320, height: 640 });
    await untilLive(narrow);
    expect(await fitsWidth(narrow)).toBe(true);
    await narrow.context().close();
    const still = await screens.open("/live", { role: "H", javaScript: false });
    expect(await still.locator(".item").count()).toBeGreaterThan(3);
    await still.getByRole("link", { name: "Ældre hændelser" }).click();
    await still.getByText("siden følger ikke med").waitFor();
    await still.context().close();
    const closed = await screens.open("/live", { role: "V" });
    await closed.getByText("Det har du ikke adgang til").waitFor();
    screens.expectNoComplaints(/403/);
    await closed.context().close();
  },
);
