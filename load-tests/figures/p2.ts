import { wallTime } from "../clock.ts";
import { LoadError } from "../fault.ts";
import { questionsOf } from "../scenarios/prepare.ts";
import { rateOf, requestBytes, startClosedLoop, type Asked, type ClosedLoop } from "../generators/ask-closed-loop.ts";
import { startInstallation, type Installation } from "../installation/demo.ts";
import { isNoisy, playRounds, ratiosOf, valuesOf, type Contestant, type Round } from "../measure/rounds.ts";
import { spreadOf } from "../measure/statistics.ts";
import { startOwn, type Child } from "../process/child.ts";
import { machine, versions } from "../reports/machine.ts";
import { ratioFigure, type Report } from "../reports/report.ts";

const LOCKS = 60;
const PHONES = 6;
/** Long enough that ticks of the processor's clock and the collector's pauses come out even. */
const TURN_MS = 3_000;
/** Compilers and caches settle before anything counts. */
const WARM_UP_MS = 2_000;
/** A generator that could not be twice as fast as what it measures would be measured itself. */
const GENERATOR_MARGIN = 2;

const DECIDE = "query($input: DecideInput!) { decide(input: $input) { outcome revision } }";
const LOCK = "query($by: LockBy!) { lock(by: $by) { serial freshness { state ageMs } bolt { value ageMs } } }";

/** P2, the part that yoga answers: what the hub reads from memory, and `decide`. */
export async function measureP2(tell: (sentence: string) => void): Promise<Report> {
  const installation = await startInstallation(LOCKS);
  const loop = await startClosedLoop();
  const floors: Child[] = [];
  try {
    const asked = await preparedRequests(installation, loop, floors);
    for (const each of Object.values(asked)) await loop.ask(each.port, each.request, WARM_UP_MS);
    const contestant = (name: keyof typeof asked): Contestant => ({
      name,
      measure: () => rateOf(loop, asked[name], TURN_MS),
    });
    const others = [contestant("bare yoga"), contestant("memory"), contestant("typename"), contestant("decide")];
    const rounds = await playRounds({ floor: contestant("node:http"), others, steady: "perSecond" }, tell);
    return reportOf(rounds);
  } finally {
    await Promise.all([loop.stop(), ...floors.map((floor) => floor.stop())]);
    await installation.stop();
  }
}

async function preparedRequests(installation: Installation, loop: ClosedLoop, floors: Child[]) {
  const { url, pid, token } = installation;
  const port = Number(new URL(url).port);
  const [question] = questionsOf(await installation.phones(PHONES));
  if (question === undefined) throw new LoadError("TOWN_TOO_SMALL", "there is no question to ask");
  const { credential, lock } = question;
  const toHub = (body: object): Asked => ({
    pid,
    port,
    request: requestBytes(port, JSON.stringify(body), { authorization: `Bearer ${token}` }),
  });
  const decideBody = { query: DECIDE, variables: { input: { credential, lock } } };
  const decide = toHub(decideBody);
  const { sample } = await loop.ask(port, decide.request, 1);
  const answer = sample.slice(sample.indexOf("\r\n\r\n") + 4);
  if (!answer.includes('"outcome":"allow"')) throw new LoadError("ANSWER_WRONG", answer);
  const floor = async (file: string, body: object, order: object): Promise<Asked> => {
    const { child, match } = await startOwn(file, order);
    floors.push(child);
    const own = Number(match[1]);
    const request = requestBytes(own, JSON.stringify(body), { authorization: `Bearer ${token}` });
    return { pid: child.pid, port: own, request };
  };
  return {
    "node:http": await floor("floors/node-http.ts", decideBody, { answer }),
    "bare yoga": await floor("floors/bare-yoga.ts", { query: "{ __typename }" }, {}),
    memory: toHub({ query: LOCK, variables: { by: { id: lock } } }),
    typename: toHub({ query: "{ __typename }" }),
    decide,
  } as const;
}

function reportOf(rounds: readonly Round[]): Report {
  const rates = (of: string, to: string): readonly number[] => ratiosOf(rounds, { of, to, figure: "perSecond" });
  const generator = spreadOf(rates("node:http", "memory")).median;
  const unit = "answers/s";
  const figures = [
    ratioFigure(
      {
        name: "one lock, read from memory",
        unit,
        to: "bare yoga `{ __typename }`",
        ratios: rates("memory", "bare yoga"),
        bound: { atLeast: 0.95 },
      },
      rounds,
    ),
    ratioFigure(
      {
        name: "`decide` through yoga",
        unit,
        to: "node:http, same bytes",
        ratios: rates("decide", "node:http"),
        bound: { atLeast: 0.7 },
      },
      rounds,
    ),
  ];
  const contestants = ["node:http", "bare yoga", "typename", "memory", "decide"];
  const beside = contestants.flatMap((name) => [
    [`${name}: answers/s`, spreadOf(valuesOf(rounds, name, "perSecond")).median] as const,
    [`${name}: CPU-µs an answer`, spreadOf(valuesOf(rounds, name, "cpuMicroseconds")).median] as const,
  ]);
  const noisy = isNoisy(rounds) || generator < GENERATOR_MARGIN;
  return {
    id: "P2",
    goal: "Answers a second of one core over GraphQL, by the plain route through yoga.",
    met: !noisy && figures.every(({ met }) => met),
    noisy,
    figures,
    beside: { ...Object.fromEntries(beside), "generator's rate over the hub's": generator },
    notes: [
      "What is measured is the plain route: yoga's steps without Fetch around them, with the allowance charged and told.",
      "`decide` is to reach its goal by a fast path in front of yoga, which a later issue brings; until then the steps' own cost is what is missing.",
      "The peer mercurius with JIT is not installed, so it is not measured.",
    ],
    machine: machine(),
    versions: versions(),
    at: new Date(wallTime()).toISOString(),
    rounds: [...rounds],
  };
}
