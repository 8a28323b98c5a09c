/* Takes the pictures of docs/screenshots from the demo that runs on this machine: `npm start`, then `npm run screenshots`. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { z } from "zod";

const CHECKOUT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = fileURLToPath(new URL("./screenshots", import.meta.url));
const HOME = process.env["PORTNER_HOME"] ?? ".portner";
const URL_OF_HUB = process.env["PORTNER_URL"] ?? "http://127.0.0.1:4610";
const CHROMIUM = "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-sync",
];
/** A page that shows doors needs a moment until some have moved. */
const SETTLE_MS = 4_000;

const THEMES = ["light", "dark"] as const;
const LANGUAGES = ["da", "en"] as const;
const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

interface Look {
  readonly theme: (typeof THEMES)[number];
  readonly language: (typeof LANGUAGES)[number];
}

interface Shot {
  readonly name: string;
  readonly role?: string;
  readonly size?: { readonly width: number; readonly height: number };
  /** Goes to what the picture shows. */
  readonly show: (page: Page) => Promise<void>;
}

const at = (path: string) => async (page: Page) => void (await page.goto(`${URL_OF_HUB}${path}`));

/** The first lock of the list, as an operator would come to it. */
async function firstLock(page: Page): Promise<void> {
  await page.goto(`${URL_OF_HUB}/locks`);
  await page.locator('a[href^="/locks/"]').first().click();
  await page.waitForURL(/\/locks\/.+/);
}

async function typed(page: Page): Promise<void> {
  await page.goto(`${URL_OF_HUB}/`);
  await page.getByRole("combobox").fill("vej 1");
  // The look-up of a citizen is a row of every answer, and no hit.
  await page.locator('[role="option"][href^="/locks/"], [role="option"][href^="/addresses/"]').first().waitFor();
}

const SHOTS: readonly Shot[] = [
  { name: "sign-in", show: at("/sign-in") },
  { name: "console", role: "H", show: at("/") },
  { name: "console-search", role: "H", show: typed },
  { name: "live", role: "H", show: at("/live") },
  { name: "locks", role: "H", show: at("/locks") },
  { name: "lock", role: "H", show: firstLock },
  { name: "quarantine", role: "A", show: at("/quarantine") },
  { name: "open", size: PHONE, show: at("/open") },
];

const Accounts = z.array(z.object({ role: z.string(), login: z.string(), password: z.string() }));

async function signIn(page: Page, role: string): Promise<void> {
  const accounts = Accounts.parse(JSON.parse(await readFile(join(CHECKOUT, HOME, "town", "accounts.json"), "utf8")));
  const account = accounts.find((each) => each.role === role);
  await page.goto(`${URL_OF_HUB}/sign-in`);
  await page.locator('input[name="login"]').fill(account?.login ?? "");
  await page.locator('input[name="password"]').fill(account?.password ?? "");
  await page.locator('form button[type="submit"]').last().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

async function take(
  browser: Browser,
  { theme, language }: Look,
  { name, role, size = WIDE, show }: Shot,
): Promise<void> {
  const context = await browser.newContext({ viewport: size, colorScheme: theme });
  await context.addCookies([{ name: "portner-language", value: language, url: URL_OF_HUB }]);
  const page = await context.newPage();
  if (role !== undefined) await signIn(page, role);
  await show(page);
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: join(FOLDER, `${name}-${theme}-${language}.png`) });
  await context.close();
}

await mkdir(FOLDER, { recursive: true });
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
try {
  for (const theme of THEMES) {
    for (const language of LANGUAGES) for (const shot of SHOTS) await take(browser, { theme, language }, shot);
  }
} finally {
  await browser.close();
}
