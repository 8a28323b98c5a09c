import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Role } from "@portner/schema/people";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { expect } from "vitest";
import { startScreenTown, type ScreenTown } from "../../server/simulation/screen-town.ts";

const CHROMIUM = "/usr/bin/chromium";
/** A sandbox needs rights that a container has not; the rest keeps the browser from calling anybody. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const STEP_MS = 15_000;
/** Rules of the law (EN 301 549 stands on WCAG 2.1 AA) and what 2.2 adds. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** How a page is looked at. */
export interface Look {
  /** Who is signed in; absent: nobody. */
  readonly role?: Role;
  readonly theme?: "light" | "dark";
  readonly language?: "da" | "en";
  readonly width?: number;
  readonly height?: number;
  readonly javaScript?: boolean;
}

/** A town, its hub with the dashboard, and a browser. */
export interface Screens extends ScreenTown {
  readonly browser: Browser;
  /** A fresh browser context (cookies, storage) with one page in it, already at `path`. Closed with the rest. */
  open(path: string, look?: Look): Promise<Page>;
  /** Fails with what consoles said and what was thrown since the last look, but for what is `expected`. */
  expectNoComplaints(expected?: RegExp): void;
}

/** Starts everything for one test file: call it in `beforeAll` with a generous limit, and `end()` in `afterAll`. */
export async function startScreens(
  options: { readonly locks?: number; readonly seed?: number } = {},
): Promise<Screens> {
  const town = await startScreenTown(options);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  let complaints: string[] = [];
  const hear = (page: Page): void => {
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
  };
  const open: Screens["open"] = async (path, look = {}) => {
    const context = await contextFor(browser, town, look);
    const page = await context.newPage();
    hear(page);
    await page.goto(`${town.hub.url}${path}`);
    return page;
  };
  return {
    ...town,
    get hub() {
      return town.hub;
    },
    browser,
    open,
    expectNoComplaints: (expected) => {
      const heard = complaints.filter((line) => expected?.test(line) !== true);
      complaints = [];
      expect(heard).toEqual([]);
    },
    end: async () => {
      await browser.close();
      await town.end();
    },
  };
}

async function contextFor(browser: Browser, town: ScreenTown, look: Look): Promise<BrowserContext> {
  const { role, theme = "light", language = "da", width = 1440, height = 900, javaScript = true } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    javaScriptEnabled: javaScript,
  });
  context.setDefaultTimeout(STEP_MS);
  const cookies = [{ name: "portner-language", value: language, url: town.hub.url }];
  if (role !== undefined) {
    const [name = "", value = ""] = (await town.session(role)).split("=", 2);
    cookies.push({ name, value, url: town.hub.url });
  }
  await context.addCookies(cookies);
  return context;
}

/** Fails with every finding of axe on what the page shows now. */
export async function expectAccessible(page: Page): Promise<void> {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(axe);
  const found: unknown = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(TAGS)} }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ": " + node.html + " " + node.failureSummary)))`,
  );
  expect(found).toEqual([]);
}

/** Whether everything fits into the width of the window. */
export async function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth");
}

/** Waits until the page's line is up, as its frame says. */
export async function untilLive(page: Page): Promise<void> {
  await page.locator('[data-link="live"]').waitFor({ timeout: STEP_MS });
}
