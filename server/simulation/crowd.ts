import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { PortnerError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { enrolPhone, eventually, request, type Credentials, type OpenAnswer, type TestPhone } from "./api-client.ts";
import type { RunningTown } from "./running-town.ts";

/** What a phone does after an answer that never came, like any client: soon again, with the same key. */
const RETRY_MS = 150;

const Paths = z.object({
  myPaths: z.object({
    edges: z.array(
      z.object({
        node: z.object({ id: z.string(), doors: z.array(z.object({ lock: z.object({ id: z.string() }).nullable() })) }),
      }),
    ),
  }),
});

/** A phone and everything its owner may open. */
export interface Carer {
  /** The employee's id in the care system. */
  readonly employee: string;
  readonly phone: TestPhone;
  /** Global ids of locks. */
  readonly locks: readonly string[];
  /** Global ids of paths. */
  readonly paths: readonly string[];
}

/** Enrols phones of so many different employees who may open something. */
export async function enrolCarers(
  town: RunningTown,
  url: string,
  { administrator, count }: { readonly administrator: Credentials; readonly count: number },
): Promise<readonly Carer[]> {
  const active = new Set(town.world.employees.filter(({ active: works }) => works).map((each) => each.externalId));
  const members = town.world.memberships.filter((each) => each.to === undefined && active.has(each.employee));
  const employees = [...new Set(members.map((member) => member.employee))];
  const carers: Carer[] = [];
  for (const employee of employees) {
    if (carers.length === count) return carers;
    const phone = await enrolPhone(url, administrator, employee);
    const { myPaths } = await request(url, phone.credentials, {
      document: "{ myPaths(first: 50) { edges { node { id doors { lock { id } } } } } }",
      answer: Paths,
    });
    const nodes = myPaths.edges.map(({ node }) => node);
    const locks = [...new Set(nodes.flatMap(({ doors }) => doors.flatMap(({ lock }) => lock?.id ?? [])))];
    if (locks.length > 0) carers.push({ employee, phone, locks, paths: nodes.map(({ id }) => id) });
  }
  throw new PortnerError("TOWN_TOO_SMALL", `only ${carers.length} employees may open something`);
}

/** A press on a phone: where to, and the key that makes a repetition the same press. */
export interface Press {
  readonly target: { readonly lock: string } | { readonly path: string };
  readonly key: string;
}

/** What a press came to, and how often it was asked. */
export interface Pressed extends Press {
  readonly carer: Carer;
  readonly answer: OpenAnswer;
  readonly tries: number;
}

/** A press with a key of its own. */
export function newPress(target: Press["target"]): Press {
  return { target, key: newId(systemRandom) };
}

/** Presses until there is an answer: after a broken line or a hub that is not up, again with the same key. */
export async function pressUntilAnswered(
  url: string,
  carer: Carer,
  press: Press,
  { waitMs, withinMs }: { readonly waitMs: number; readonly withinMs: number },
): Promise<Pressed> {
  const deadline = performance.now() + withinMs;
  for (let tries = 1; ; tries += 1) {
    const answer = await carer.phone.open(url, press.target, { waitMs, key: press.key }).catch(lostAnswer);
    if (answer !== undefined && answer.code !== "JOURNAL_UNAVAILABLE") return { ...press, carer, answer, tries };
    if (performance.now() > deadline) throw new PortnerError("NEVER_ANSWERED", `${tries} tries and no answer`);
    await wait(RETRY_MS);
  }
}

/** No answer is what a client sees of a hub that died or is coming up; anything else is a fault. */
function lostAnswer(error: unknown): undefined {
  if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
  if (error instanceof PortnerError && error.message.includes("JOURNAL_UNAVAILABLE")) return undefined;
  throw error;
}

/** Waits until a hub has heard every lock of the town a moment ago; throws `WAITED`. */
export async function untilAllLive(town: RunningTown, url: string, withinMs: number): Promise<void> {
  const line = `portner_locks{freshness="live"} ${town.world.locks.length}\n`;
  await eventually(async () => {
    const metrics = await fetch(`${url}/metrics`);
    return (await metrics.text()).includes(line) ? true : undefined;
  }, withinMs);
}

const Blocked = z.object({ blockCredential: z.object({ block: z.object({ id: z.string() }) }) });

/** Blocks a phone's credential; resolves once the block is in the journal. */
export async function blockPhone(url: string, administrator: Credentials, phone: TestPhone): Promise<void> {
  await request(url, administrator, {
    document: `mutation($input: BlockCredentialInput!) { blockCredential(input: $input) {
      ... on BlockCredentialSuccess { block { id } } ... on UserError { code } } }`,
    variables: { input: { credential: phone.credential, reason: "lost" } },
    answer: Blocked,
  });
}
