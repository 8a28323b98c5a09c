import { afterAll, beforeAll, expect, test } from "vitest";
import { startScreens, untilLive, type Screens } from "./screens.ts";

const START_MS = 180_000;
const TEST_MS = 120_000;

let screens: Screens;

beforeAll(async () => {
  screens = await startScreens({ locks: 12 });
}, START_MS);
afterAll(() => screens.end(), START_MS);

test(
  "a page under a restarted hub says so, keeps its rows without colour, and is live again by itself",
  { timeout: TEST_MS },
  async () => {
    const page = await screens.open("/locks", { role: "H" });
    await untilLive(page);
    const rows = await page.locator("tbody tr").count();
    await page.evaluate("window.sameDocument = true");
    const stale = page.locator('[data-link="stale"]').waitFor();
    const restarted = screens.restart();
    await stale;
    await page.getByText("Forbindelsen til Portner er tabt. Alt på siden er fra").waitFor();
    await restarted;
    await untilLive(page);
    expect(await page.evaluate("window.sameDocument")).toBe(true);
    expect(await page.locator("tbody tr").count()).toBe(rows);
    await page.context().close();
  },
);

test("a page that could not be had asks again by itself", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/", { role: "H" });
  await untilLive(page);
  await page.route("**/graphql*", (route) => route.abort());
  await page.getByRole("link", { name: "Låse", exact: true }).click();
  await page.getByText("Siden prøver igen af sig selv").waitFor();
  await page.unroute("**/graphql*");
  await page.locator("tbody tr").first().waitFor();
  screens.expectNoComplaints(/./);
  await page.context().close();
});

test("a page whose code could not be had says so, and is there when the line is", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/locks", { role: "H" });
  await untilLive(page);
  await page.context().setOffline(true);
  await page.locator('[data-link="offline"]').waitFor();
  await page.getByRole("link", { name: "Karantæne", exact: true }).click();
  await page.getByText("CODE_MISSING").waitFor();
  await page.getByText("Siden prøver igen af sig selv").waitFor();
  await page.getByRole("button", { name: "Prøv igen" }).click();
  await page.context().setOffline(false);
  await page.getByText("Alt, hvad låsene har sendt, kunne læses.").waitFor();
  await untilLive(page);
  screens.expectNoComplaints(/./);
  await page.context().close();
});

test(
  "a page that could not be had after an earlier loss stays until the line is back",
  { timeout: TEST_MS },
  async () => {
    const page = await screens.open("/quarantine", { role: "H" });
    const told = page.getByText("Alt, hvad låsene har sendt, kunne læses.");
    await told.waitFor();
    await page.getByRole("link", { name: "Låse", exact: true }).click();
    await page.locator("tbody tr").first().waitFor();
    await untilLive(page);
    await page.context().setOffline(true);
    await page.locator('[data-link="offline"]').waitFor();
    await page.context().setOffline(false);
    await untilLive(page);
    await page.evaluate("window.sameDocument = true");
    await page.context().setOffline(true);
    await page.locator('[data-link="offline"]').waitFor();
    await page.getByRole("link", { name: "Karantæne", exact: true }).click();
    await page.getByText("Siden prøver igen af sig selv").waitFor();
    await page.getByRole("button", { name: "Prøv igen" }).click();
    await page.context().setOffline(false);
    await told.waitFor();
    expect(await page.evaluate("window.sameDocument")).toBe(true);
    screens.expectNoComplaints(/./);
    await page.context().close();
  },
);

test("a machine without network says so and since when", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/locks", { role: "H" });
  await untilLive(page);
  await page.context().setOffline(true);
  await page.locator('[data-link="offline"]').waitFor();
  await page.getByText("Denne maskine har intet netværk. Alt på siden er fra").waitFor();
  await page.context().setOffline(false);
  await untilLive(page);
  expect(await page.locator("tbody tr").count()).toBe(12);
  await page.context().close();
});

test(
  "a session that ends while a page is open is told at once, with the way back to the same page",
  { timeout: TEST_MS },
  async () => {
    const page = await screens.open("/locks?freshness=LIVE", { role: "A" });
    await untilLive(page);
    // The same session, in another window.
    const other = await page.context().newPage();
    await other.goto(`${screens.hub.url}/locks`);
    await other.getByRole("button", { name: "Log ud" }).click();
    await other.waitForURL("**/sign-in");
    const dialog = page.getByRole("dialog", { name: "Du er logget ud" });
    await dialog.waitFor();
    const back = await dialog.getByRole("link", { name: "Log ind igen" }).getAttribute("href");
    expect(back).toBe("/sign-in?next=%2Flocks%3Ffreshness%3DLIVE");
    await page.context().close();
  },
);

test("a viewer whose clock is an hour wrong sees the same ages as everybody", { timeout: TEST_MS }, async () => {
  const page = await screens.open("/sign-in", { role: "H" });
  await page.clock.setSystemTime(Date.now() + 3_600_000);
  await page.goto(`${screens.hub.url}/locks?freshness=LIVE`);
  await untilLive(page);
  const ages = await page.locator("tbody td:nth-child(4)").allTextContents();
  expect(ages.length).toBeGreaterThan(0);
  for (const age of ages) expect(age).toMatch(/for \d+ s siden/);
  await page.context().close();
});
