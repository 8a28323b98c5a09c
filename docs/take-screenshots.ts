/*
 * Takes the pictures of docs/screenshots from the demo that runs on this machine: `npm start`, then `npm run screenshots`,
 * with the names of some to take only those. Some show trouble, which a new town needs a quarter of an hour to get into.
 */
import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type Cookie, type Locator, type Page } from "playwright-core";
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
/** A lock that jams has to be opened first, and one is silent for a quarter of an hour before it is told. */
const TROUBLE_MS = 20 * 60_000;

/** With its prefix over TLS; language and theme have longer names. */
const SESSION_COOKIE = /^(__Host-)?portner$/;

const THEMES = ["light", "dark"] as const;
const LANGUAGES = ["da", "en"] as const;
const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const NARROW = { width: 320, height: 640 };

/** Sessions by role, made once: the hub opens only so many in a minute. */
type Sessions = Map<string, readonly Cookie[]>;

interface Look {
  readonly theme: (typeof THEMES)[number];
  readonly language: (typeof LANGUAGES)[number];
}

interface Shot {
  readonly name: string;
  readonly role?: string;
  readonly size?: { readonly width: number; readonly height: number };
  /** Goes to what the picture shows. */
  readonly show: (page: Page, sessions: Sessions) => Promise<void>;
}

const at = (path: string) => async (page: Page) => void (await page.goto(`${URL_OF_HUB}${path}`));

const dialog = (page: Page) => page.getByRole("dialog");

/** A row of the list of locks, as an operator would come to it; waits a while for one to be there. */
const lockOf = (filter: string) => async (page: Page) => {
  const row = page.locator('a[href^="/locks/"]').first();
  const deadline = performance.now() + TROUBLE_MS;
  do {
    await page.goto(`${URL_OF_HUB}/locks?${filter}`);
  } while (!(await isThere(row, SETTLE_MS)) && performance.now() < deadline);
  await row.click();
  await page.waitForURL(/\/locks\/.+/);
  await page.locator("[data-verdict]").waitFor();
};

/** Whether something comes into sight; a list that was empty shows no new row by itself. */
function isThere(what: Locator, withinMs: number): Promise<boolean> {
  return what.waitFor({ timeout: withinMs }).then(
    () => true,
    () => false,
  );
}

async function typed(page: Page): Promise<void> {
  await page.goto(`${URL_OF_HUB}/`);
  await page.getByRole("combobox").fill("vej 1");
  // The look-up of a citizen is a row of every answer, and no hit.
  await page.locator('[role="option"][href^="/locks/"], [role="option"][href^="/addresses/"]').first().waitFor();
}

/** A citizen's address, looked up for a carer who calls. */
async function lookedUp(page: Page): Promise<void> {
  const { citizens, employees } = await town();
  await page.goto(`${URL_OF_HUB}/`);
  await page.locator('[data-link="live"]').waitFor();
  await page.getByRole("combobox").fill(citizens[0]?.name ?? "");
  await page.locator('[role="combobox"][aria-activedescendant]').waitFor();
  for (const key of ["ArrowUp", "Enter"]) await page.keyboard.press(key);
  await page.keyboard.type(employees.find(({ active }) => active)?.externalId ?? "");
  for (const key of ["Tab", "Tab"]) await page.keyboard.press(key);
  await page.keyboard.type("118");
  await page.keyboard.press("Enter");
  await page.locator('[data-look-up-answer="found"]').waitFor();
}

/** A door that is opened from the desk, up to its lock's last word. */
const opened = (filter: string) => async (page: Page) => {
  await lockOf(filter)(page);
  await page.locator('[data-link="live"]').waitFor();
  await page.keyboard.press("o");
  await dialog(page).locator("input:not([type=radio])").fill("118");
  await page.keyboard.press("Enter");
  await dialog(page).locator("button.primary:not([aria-disabled])").last().click();
  await page.locator('[data-opening="opened"], [data-opening="stopped"]').waitFor({ timeout: TROUBLE_MS });
};

/** The devices of an employee, before one of them is blocked. */
async function toBlock(page: Page): Promise<void> {
  const { employees, memberships } = await town();
  await lockOf("")(page);
  await page.keyboard.press("b");
  const carer = employees.find(
    ({ active, externalId }) => active && memberships.some((m) => m.employee === externalId),
  );
  await dialog(page)
    .locator("input")
    .fill(carer?.externalId ?? "");
  await page.keyboard.press("Enter");
  await dialog(page).locator("[data-blocked]").first().waitFor();
}

/** A carer's phone with doors on it. */
async function enrolled(page: Page, sessions: Sessions): Promise<void> {
  const { employees, memberships } = await town();
  const carer = employees.find(({ active, externalId }) => {
    return active && memberships.some(({ employee, to }) => employee === externalId && to === undefined);
  });
  const code = await codeFor(page, sessions, carer?.externalId ?? "");
  await page.goto(`${URL_OF_HUB}/open`);
  await page.locator("form input[required]").fill(code);
  await page.keyboard.press("Enter");
  await page.locator(".path").first().waitFor();
}

/** The same after a press, held until it acts. */
async function pressed(page: Page, sessions: Sessions): Promise<void> {
  await enrolled(page, sessions);
  const card = page.locator(".path").first();
  await card.getByRole("button").hover();
  await page.mouse.down();
  await card.and(page.locator(':not([data-press="idle"])')).waitFor();
  await page.mouse.up();
  await card.locator(".report strong").waitFor();
}

const SHOTS: readonly Shot[] = [
  { name: "sign-in", show: at("/sign-in") },
  { name: "console", role: "H", show: at("/") },
  { name: "console-search", role: "H", show: typed },
  { name: "console-look-up", role: "H", show: lookedUp },
  { name: "console-narrow", role: "H", size: NARROW, show: at("/") },
  { name: "live", role: "H", show: at("/live") },
  { name: "locks", role: "H", show: at("/locks") },
  { name: "lock", role: "H", show: lockOf("") },
  { name: "lock-opened", role: "H", show: opened("") },
  { name: "lock-jammed", role: "H", show: lockOf("problem=JAMMED") },
  { name: "lock-silent", role: "H", show: lockOf("freshness=SILENT") },
  { name: "block", role: "H", show: toBlock },
  { name: "quarantine", role: "A", show: at("/quarantine") },
  { name: "open-enrol", size: PHONE, show: at("/open") },
  { name: "open", size: PHONE, show: enrolled },
  { name: "open-pressed", size: PHONE, show: pressed },
];

const Town = z.object({
  citizens: z.array(z.object({ name: z.string() })),
  employees: z.array(z.object({ externalId: z.string(), active: z.boolean() })),
  memberships: z.array(z.object({ employee: z.string(), to: z.string().optional() })),
});

async function town(): Promise<z.infer<typeof Town>> {
  return Town.parse(JSON.parse(await readFile(join(resolve(CHECKOUT, HOME), "town", "town.json"), "utf8")));
}

const Issued = z.object({ data: z.object({ issueEnrolmentCode: z.object({ code: z.string() }) }) });

/** A one-time code, issued by central administration, whose session does not stay. */
async function codeFor(page: Page, sessions: Sessions, employee: string): Promise<string> {
  await signIn(page, sessions, "A");
  await page.goto(`${URL_OF_HUB}/`);
  const query = `mutation($employee: String!) { issueEnrolmentCode(input: { employee: $employee }) {
    ... on IssueEnrolmentCodeSuccess { code } } }`;
  const answer = await page.evaluate(
    async (body) => {
      const headers = { "content-type": "application/json" };
      return (await fetch("/graphql", { method: "POST", headers, body })).json();
    },
    JSON.stringify({ query, variables: { employee } }),
  );
  await page.context().clearCookies({ name: SESSION_COOKIE });
  return Issued.parse(answer).data.issueEnrolmentCode.code;
}

const Accounts = z.array(z.object({ role: z.string(), login: z.string(), password: z.string() }));

async function signIn(page: Page, sessions: Sessions, role: string): Promise<void> {
  const known = sessions.get(role);
  if (known !== undefined) return page.context().addCookies([...known]);
  const accounts = Accounts.parse(
    JSON.parse(await readFile(join(resolve(CHECKOUT, HOME), "town", "accounts.json"), "utf8")),
  );
  const account = accounts.find((each) => each.role === role);
  await page.goto(`${URL_OF_HUB}/sign-in`);
  await page.locator('input[name="login"]').fill(account?.login ?? "");
  await page.locator('input[name="password"]').fill(account?.password ?? "");
  await page.locator('form button[type="submit"]').last().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  sessions.set(
    role,
    (await page.context().cookies()).filter(({ name }) => SESSION_COOKIE.test(name)),
  );
}

async function take(
  { browser, sessions }: { readonly browser: Browser; readonly sessions: Sessions },
  { theme, language }: Look,
  { name, role, size = WIDE, show }: Shot,
): Promise<void> {
  const context = await browser.newContext({ viewport: size, colorScheme: theme });
  await context.addCookies([{ name: "portner-language", value: language, url: URL_OF_HUB }]);
  const page = await context.newPage();
  if (role !== undefined) await signIn(page, sessions, role);
  await show(page, sessions);
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: join(FOLDER, `${name}-${theme}-${language}.png`) });
  await context.close();
}

const names = process.argv.slice(2);
const wanted = SHOTS.filter(({ name }) => names.length === 0 || names.includes(name));
await mkdir(FOLDER, { recursive: true });
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
const studio = { browser, sessions: new Map<string, readonly Cookie[]>() };
try {
  for (const theme of THEMES) {
    for (const language of LANGUAGES) for (const shot of wanted) await take(studio, { theme, language }, shot);
  }
} finally {
  await browser.close();
}
