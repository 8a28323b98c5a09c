import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { expectAccessible, fitsWidth, startScreens, untilLive, type Screens } from "./screens.ts";

/** Building, database, broker, hub, locks and a browser on two busy cores. */
const START_MS = 180_000;
const TEST_MS = 90_000;

let screens: Screens;

beforeAll(async () => {
  screens = await startScreens();
}, START_MS);
afterAll(() => screens.end(), START_MS);
afterEach(() => screens.expectNoComplaints());

const LOOKS = (["light", "dark"] as const).flatMap((theme) =>
  (["da", "en"] as const).map((language) => ({ theme, language })),
);

test.each(LOOKS)("sign-in, frame and locks are accessible: $theme, $language", { timeout: TEST_MS }, async (look) => {
  const signIn = await screens.open("/sign-in", look);
  await expectAccessible(signIn);
  await signIn.context().close();
  const page = await screens.open("/locks", { ...look, role: "H" });
  await untilLive(page);
  expect(await page.locator("html").getAttribute("lang")).toBe(look.language);
  await expectAccessible(page);
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await expectAccessible(page);
  // No page is left from under a dialog.
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  expect(new URL(page.url()).pathname).toBe("/locks");
  await page.context().close();
});

test("the hotline signs in where it was going, sees the frame, and signs out", { timeout: TEST_MS }, async () => {
  const { login, password } = await screens.account("H");
  const page = await screens.open("/locks");
  expect(new URL(page.url()).pathname).toBe("/sign-in");
  await page.getByLabel("Bruger").fill(login);
  await page.getByLabel("Adgangskode").fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByText("Bruger eller adgangskode passer ikke").waitFor();
  await page.getByLabel("Adgangskode").fill(password);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/locks");
  await untilLive(page);
  expect(await page.getByRole("navigation", { name: "Sider" }).getByRole("link").allTextContents()).toEqual([
    "Vagt",
    "Live",
    "Låse",
    "Karantæne",
  ]);
  await page.getByRole("button", { name: "Log ud" }).click();
  await page.waitForURL("**/sign-in");
  await page.goto(`${screens.hub.url}/locks`);
  expect(new URL(page.url()).pathname).toBe("/sign-in");
  // The browser itself tells of the answer to the wrong password.
  screens.expectNoComplaints(/status of 400/);
  await page.context().close();
});

test(
  "without JavaScript one signs in, sees the locks, and is told that nothing renews itself",
  { timeout: TEST_MS },
  async () => {
    const { login, password } = await screens.account("H");
    const page = await screens.open("/sign-in?next=%2Flocks", { javaScript: false });
    await page.getByLabel("Bruger").fill(login);
    await page.getByLabel("Adgangskode").fill(password);
    await page.getByRole("button", { name: "Log ind" }).click();
    await page.waitForURL("**/locks");
    expect(await page.locator("tbody tr").count()).toBe(30);
    await page.getByText("Uden JavaScript fornyes siden ikke").waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await page.getByText("Without JavaScript this page").waitFor();
    await page.context().close();
  },
);

test.each(["/sign-in", "/locks"])("%s fits into 320 px", { timeout: TEST_MS }, async (path) => {
  const page = await screens.open(path, { role: "H", width: 320, height: 640 });
  expect(await fitsWidth(page)).toBe(true);
  await page.context().close();
});
