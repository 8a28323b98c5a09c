import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { enrolPhone, request, signInAs, type TestPhone } from "../../server/simulation/api-client.ts";
import { expectAccessible, startScreens, untilLive, type Screens } from "./screens.ts";

const START_MS = 240_000;
const TEST_MS = 120_000;
/** Every lock proves a block within seconds; on a busy machine within this. */
const PROVEN_MS = 90_000;

let screens: Screens;
let phone: TestPhone;
let employee: string;
let lock: string;

beforeAll(async () => {
  screens = await startScreens({ locks: 8 });
  const { login, password } = await screens.account("A");
  const central = await signInAs(screens.hub.url, login, password);
  const found = await request(screens.hub.url, central, {
    document: "{ locks(first: 1) { edges { node { id } } } }",
    answer: z.object({ locks: z.object({ edges: z.array(z.object({ node: z.object({ id: z.string() }) })) }) }),
  });
  lock = found.locks.edges[0]?.node.id ?? "";
  const carer = screens.town.world.employees.find(({ active, profession }) => active && profession === "sosuHelper");
  employee = carer?.externalId ?? "";
  phone = await enrolPhone(screens.hub.url, central, employee);
}, START_MS);
afterAll(() => screens.end(), START_MS);
afterEach(() => screens.expectNoComplaints());

/** The first device has the focus at once, and can be blocked once it has been there for a moment. */
async function untilArmed(page: Page): Promise<void> {
  await page.locator('[data-blocked="false"] button.danger:focus:not([aria-disabled])').waitFor();
}

test(
  "two presses from the user id block a device, its proof comes lock by lock, and its next opening is refused",
  { timeout: TEST_MS },
  async () => {
    const page = await screens.open(`/locks/${lock}`, { role: "H" });
    await untilLive(page);
    await page.keyboard.press("b");
    await page.getByRole("dialog").getByLabel("Medarbejder-id").waitFor();
    await page.waitForFunction("document.activeElement?.tagName === 'INPUT'");
    await page.keyboard.type(employee);
    await page.keyboard.press("Enter");
    await page.locator(`[data-blocked="false"] button.danger`).waitFor();
    await untilArmed(page);
    await page.keyboard.press("Enter");
    await page.locator('[data-blocked="true"]').waitFor();
    await page.getByText("Virker fra").waitFor();
    await page.getByText(/Sidste allerede sendte kommando udl/).waitFor();
    const refused = await phone.open(screens.hub.url, { lock }).catch((error: unknown) => String(error));
    // The block ends the phone's session; whatever is asked with it is refused.
    expect(JSON.stringify(refused)).toMatch(/AccessDenied|UNAUTHENTICATED|SESSION/);
    await page.locator('[data-proof="proven"]').waitFor({ timeout: PROVEN_MS });
    expect(await page.locator("[data-locks-proven]").textContent()).toMatch(/8\s*af\s*8/);
    await expectAccessible(page);
    await page.context().close();
  },
);

test(
  "the hotline can't lift it and is told who can; central administration lifts it with a reason",
  { timeout: TEST_MS },
  async () => {
    const asked = async (role: "H" | "A") => {
      const page = await screens.open(`/locks/${lock}`, { role });
      await untilLive(page);
      await page.keyboard.press("b");
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Medarbejder-id").fill(employee);
      await page.keyboard.press("Enter");
      return page;
    };
    const hotline = await asked("H");
    await hotline.getByText("Din rolle ophæver ingen spærring.").waitFor();
    expect(await hotline.locator('[data-blocked="true"]').count()).toBe(1);
    expect(await hotline.getByText("Ophæv spærringen").count()).toBe(0);
    await hotline.context().close();
    const central = await asked("A");
    await central.getByText("Ophæv spærringen").press("Enter");
    await central.getByLabel("Begrundelse for at ophæve").fill("Telefonen er fundet igen");
    await central.keyboard.press("Enter");
    await central.locator('[data-blocked="false"]').waitFor();
    await central.context().close();
  },
);

test(
  "on the console the way to block stands below the employee: an arrow, Enter, and Enter on the device",
  { timeout: TEST_MS },
  async () => {
    const page = await screens.open("/", { role: "H" });
    await untilLive(page);
    await page.keyboard.type(employee);
    const way = page.getByRole("option", { name: `medarbejder ${employee} har mistet` });
    await way.waitFor();
    // The key that chooses the employee stands beside what choosing does, not over it.
    const use = await page.getByText("vælg som opkalder").boundingBox();
    const key = await page.locator('[role="option"][aria-selected="true"] .enter').boundingBox();
    expect((use?.x ?? Infinity) + (use?.width ?? 0)).toBeLessThanOrEqual(key?.x ?? 0);
    await page.keyboard.press("ArrowDown");
    await page.locator('[role="option"][aria-selected="true"]', { hasText: "Spær en enhed" }).waitFor();
    // Held until the device has been there for a while: that press was not meant for it.
    await page.keyboard.down("Enter");
    await page.locator('[data-blocked="false"] button.danger:focus').waitFor();
    for (let repeats = 0; repeats < 10; repeats += 1) await page.keyboard.down("Enter");
    await untilArmed(page);
    for (let repeats = 0; repeats < 10; repeats += 1) await page.keyboard.down("Enter");
    await page.keyboard.up("Enter");
    expect(await page.locator('[data-blocked="false"] button.danger').count()).toBe(1);
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await page.locator('[data-blocked="true"]').waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction("document.activeElement?.tagName === 'INPUT'");
    await page.context().close();
  },
);
