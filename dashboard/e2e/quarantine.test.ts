import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { expectAccessible, fitsWidth, startScreens, untilLive, type Screens } from "./screens.ts";

/** Building, database, broker, hub, locks and a browser on two busy cores. */
const START_MS = 180_000;
const TEST_MS = 90_000;
/** The page fetches itself anew every ten seconds. */
const RENEWED_MS = 25_000;
/** More than one page of them. */
const MESSAGES = 27;
const PAYLOAD = '<img src=x onerror="document.title=1">\u0000Å';

let screens: Screens;

beforeAll(async () => {
  screens = await startScreens();
}, START_MS);
afterAll(() => screens.end(), START_MS);
afterEach(() => screens.expectNoComplaints());

test("an empty quarantine says that nothing is wrong", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/quarantine", { role: "A" });
  await page.getByText("Ingen beskeder").waitFor();
  await page.getByText("Ingen lås er i karantæne").waitFor();
  expect(await page.locator("details").count()).toBe(0);
  await page.context().close();
});

test(
  "what comes in while the page is open is shown, and a lost line leaves its age",
  { timeout: TEST_MS },
  async () => {
    const page = await screens.open("/quarantine", { role: "A" });
    await untilLive(page);
    await page.getByText("Ingen beskeder").waitFor();
    await screens.town.db.database
      .raw`INSERT INTO quarantined_message (tenant, lock, channel, fault, payload, bytes, received_at)
    SELECT tenant, id, 'evt', 'BAD_SIGNATURE', ${Buffer.from("x")}, 1, clock_timestamp() FROM lock ORDER BY id LIMIT 1`;
    await page.getByText("Underskriften passede ikke").waitFor({ timeout: RENEWED_MS });
    await page.context().setOffline(true);
    await page.getByText(/Sidst kendt .*: ingen lås var i karantæne/).waitFor();
    await page.context().setOffline(false);
    await page.getByText("Ingen lås er i karantæne").waitFor({ timeout: RENEWED_MS });
    await screens.town.db.database.raw`DELETE FROM quarantined_message`;
    screens.expectNoComplaints(/ERR_INTERNET_DISCONNECTED/);
    await page.context().close();
  },
);

test("messages are read page by page as what they are, without JavaScript too", { timeout: TEST_MS }, async () => {
  const { raw } = screens.town.db.database;
  for (let count = 0; count < MESSAGES; count += 1) {
    await raw`INSERT INTO quarantined_message (tenant, lock, channel, fault, payload, bytes, received_at)
      SELECT tenant, id, 'evt', 'BAD_SIGNATURE', ${Buffer.from(PAYLOAD)}, 2000, clock_timestamp() FROM lock ORDER BY id LIMIT 1`;
  }
  const page = await screens.open("/quarantine", { role: "A", javaScript: false });
  expect(await page.locator("details").count()).toBe(25);
  await page.getByText("Underskriften passede ikke").first().waitFor();
  await page.getByText("Vis indhold").first().click();
  const shown = await page.locator("details[open] pre").textContent();
  expect(shown).toBe('<img src=x onerror="document.title=1">\\x00\\xc3\\x85');
  await page.getByRole("link", { name: "Ældre" }).click();
  await page.waitForURL("**/quarantine?after=*");
  expect(await page.locator("details").count()).toBe(2);
  await page.context().close();
});

const LOOKS = (["light", "dark"] as const).flatMap((theme) =>
  (["da", "en"] as const).map((language) => ({ theme, language })),
);

test.each(LOOKS)("quarantine is accessible: $theme, $language", { timeout: TEST_MS }, async (look) => {
  const page = await screens.open("/quarantine", { ...look, role: "A" });
  await untilLive(page);
  await page.locator("summary").first().focus();
  await page.keyboard.press("Enter");
  await page.locator("details[open] pre").waitFor();
  await expectAccessible(page);
  await page.context().close();
});

test("who may not handle faults is told so, and the page fits into 320 px", { timeout: TEST_MS }, async () => {
  const assessor = await screens.open("/quarantine", { role: "V" });
  await assessor.getByText("Det har du ikke adgang til").first().waitFor();
  screens.expectNoComplaints(/status of 403/);
  await assessor.context().close();
  const narrow = await screens.open("/quarantine", { role: "H", width: 320, height: 640 });
  expect(await fitsWidth(narrow)).toBe(true);
  await narrow.context().close();
});
