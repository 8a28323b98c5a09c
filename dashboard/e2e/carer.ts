import type { Page } from "playwright-core";
import { expect, vi } from "vitest";
import { z } from "zod";
import { request, type Credentials } from "../../server/simulation/api-client.ts";
import { runsOf } from "../../server/simulation/lock-checks.ts";
import { untilAllLive } from "../../server/simulation/crowd.ts";
import { startScreens, type Look, type Screens } from "./screens.ts";

/** A command lives for 15 s, and its lock may answer a little later still. */
const STEP_MS = 45_000;
/** Every lock has reported, on a machine that does other things too. */
const LIVE_MS = 120_000;
/** Enough that each test has doors of its own. */
const LOCKS = 45;
/** Longer than the page asks for. */
const HELD_MS = 1_000;

/** A way in of the town's file: what its card is called, and the locks on it from the street inwards. */
export interface Way {
  readonly title: string;
  readonly serials: readonly string[];
}

/** A town with carers, and a browser for their phones. */
export interface Phones {
  readonly screens: Screens;
  readonly administrator: Credentials;
  /** A carer with ways in of one lock and of two. */
  readonly carer: string;
  /** A phone's page that is enrolled and shows its doors. */
  enrolled(look?: Look, employee?: string): Promise<Page>;
  /** A way in with so many locks that nobody was given yet: a door that has just opened is no clean ground. */
  freshWay(locks: number, employee?: string): Way;
}

/** Starts everything; its `screens` are to be ended. */
export async function startPhones(): Promise<Phones> {
  const screens = await startScreens({ locks: LOCKS });
  const { hub, town } = screens;
  try {
    await untilAllLive(town, hub.url, LIVE_MS);
  } catch (error) {
    await screens.end();
    throw error;
  }
  const administrator = await town.administrator(hub.url);
  const carer = carersWith(screens, 2).find((one) => carersWith(screens, 1).includes(one)) ?? "";
  const taken = new Set<string>();
  return {
    screens,
    administrator,
    carer,
    enrolled: async (look, employee = carer) => {
      const page = await openPhone(screens, look);
      await enrol(page, await codeFor(screens, administrator, employee));
      return page;
    },
    freshWay: (locks, employee = carer) => {
      const way = waysOf(screens, employee).find(
        ({ serials }) => serials.length === locks && !serials.some((serial) => taken.has(serial)),
      );
      if (way === undefined) return expect.fail(`no fresh way in with ${locks} locks is left`);
      for (const serial of way.serials) taken.add(serial);
      return way;
    },
  };
}

/** The ways in that an employee's bundles open and that have a lock on each door. */
export function waysOf({ town: { world } }: Screens, employee: string): readonly Way[] {
  const bundles = new Set(
    world.memberships.filter((held) => held.employee === employee && held.to === undefined).map(({ bundle }) => bundle),
  );
  return world.paths.flatMap(({ doors, bundles: opening }) => {
    const serials = doors.flatMap((door) => world.locks.find((lock) => lock.door === door)?.serial ?? []);
    const last = world.doors.find(({ externalId }) => externalId === doors.at(-1));
    const home = world.addresses.find(({ externalId }) => externalId === last?.address);
    if (home === undefined || serials.length < doors.length || !opening.some((one) => bundles.has(one))) return [];
    const { street, number, floor, side } = home;
    const within = floor === undefined ? "" : `, ${/^\d/.test(floor) ? `${floor}.` : floor}`;
    return [{ title: `${street} ${number}${within}${side === undefined ? "" : ` ${side}`}`, serials }];
  });
}

/** Employees whose bundles open a way with so many locks. */
export function carersWith(screens: Screens, locks: number): readonly string[] {
  const { memberships } = screens.town.world;
  const held = new Set(memberships.filter(({ to }) => to === undefined).map(({ employee }) => employee));
  return [...held].filter((one) => waysOf(screens, one).some(({ serials }) => serials.length === locks));
}

/** A one-time code for an employee. */
export async function codeFor({ hub }: Screens, by: Credentials, employee: string): Promise<string> {
  const { issueEnrolmentCode } = await request(hub.url, by, {
    document: `mutation($input: IssueEnrolmentCodeInput!) { issueEnrolmentCode(input: $input) {
      ... on IssueEnrolmentCodeSuccess { code } ... on UserError { failure: code } } }`,
    variables: { input: { employee } },
    answer: z.object({ issueEnrolmentCode: z.object({ code: z.string() }) }),
  });
  return issueEnrolmentCode.code;
}

/** The phone's page, where no phone is enrolled yet. */
export function openPhone(screens: Screens, look: Look = {}): Promise<Page> {
  return screens.open("/open", { width: 390, height: 844, ...look });
}

/** Types a code, and waits until the doors are there. */
export async function enrol(page: Page, code: string): Promise<void> {
  await page.locator("form input[required]").fill(code);
  await page.keyboard.press("Enter");
  await page.locator('[data-line="live"]').waitFor({ timeout: STEP_MS });
  await page.locator(".path").first().waitFor();
}

/** The card of a way in. */
export function cardOf(page: Page, { title }: Way) {
  return page.locator(".path").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
}

/** Holds a card's button until it has acted. */
export async function hold(page: Page, way: Way): Promise<void> {
  const button = cardOf(page, way).getByRole("button");
  await button.scrollIntoViewIfNeeded();
  await button.hover();
  await page.mouse.down();
  await cardOf(page, way)
    .and(page.locator(':not([data-press="idle"])'))
    .waitFor({ timeout: HELD_MS * 10 });
  await page.mouse.up();
}

/** Waits for the large word on a card. */
export async function untilWord(page: Page, way: Way, word: string | RegExp): Promise<void> {
  await cardOf(page, way).locator(".report strong").filter({ hasText: word }).waitFor({ timeout: STEP_MS });
}

/** How often the motor of each lock has run by command, street inwards. */
export function commandRuns(screens: Screens, { serials }: Way): Promise<readonly number[]> {
  return Promise.all(
    serials.map(async (serial) => {
      const runs = await runsOf(screens.town, serial).catch(() => []);
      return runs.filter(({ cmd }) => cmd !== undefined).length;
    }),
  );
}

/** Fails unless the motors have run so often, now and by the time the lock has said all. */
export async function expectRuns(screens: Screens, way: Way, runs: readonly number[]): Promise<void> {
  await vi.waitFor(async () => expect(await commandRuns(screens, way)).toEqual(runs), STEP_MS);
}
