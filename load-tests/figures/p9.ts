import { ENVIRONMENT } from "../process/environment.ts";
import { pause, wallTime } from "../clock.ts";
import { deliveryOf, startReaders, type Readers } from "../generators/readers.ts";
import { startInstallation, type Installation } from "../installation/demo.ts";
import { startOtherHub, type OtherHub } from "../installation/store.ts";
import { isNoisy, playRounds, ratiosOf, valuesOf, type Round } from "../measure/rounds.ts";
import { spreadOf } from "../measure/statistics.ts";
import { residentBytes, startOwn, type Child } from "../process/child.ts";
import { inspectable, openInspector } from "../process/inspector.ts";
import { freePort } from "../process/port.ts";
import { machine, versions } from "../reports/machine.ts";
import { ratioFigure, type Report } from "../reports/report.ts";

const SUBSCRIBERS = Number(ENVIRONMENT["PORTNER_LOAD_SUBSCRIBERS"] ?? 1_000);
/** Sockets that one caller may have. */
const SOCKETS_PER_CALLER = 20;
const LOCKS = 20;
/** Events of one turn: seconds of work, and what a healthy socket's buffers take. */
const EVENTS = 200;
/** What opening leaves behind is over within this. */
const SETTLE_MS = 12_000;
const IDLE_BYTES_MAX = 15 * 1_024;

/** What a screen of the hotline watches. */
const QUERY = `subscription { doorEvents { cursor replayed gap { from oldest } node { __typename id occurredAt receivedAt
  performedVia lock { id serial addressText } actor { employeeId name } } } }`;

interface Parts {
  readonly installation: Installation;
  readonly inspectorPort: number;
  readonly other: OtherHub;
  readonly ours: Readers;
  readonly theirs: Readers;
  readonly floors: Child[];
}

/** P9: one hot stream for a thousand screens that may see the same. */
export async function measureP9(tell: (sentence: string) => void): Promise<Report> {
  const inspectorPort = await freePort();
  const installation = await startInstallation(LOCKS, inspectable(inspectorPort));
  const parts: Parts = {
    ...{ installation, inspectorPort, floors: [] },
    other: await startOtherHub(installation.databaseUrl),
    ours: await startReaders(),
    theirs: await startReaders(),
  };
  try {
    return await measure(parts, tell);
  } finally {
    await Promise.all([parts.ours.stop(), parts.theirs.stop(), parts.other.end()]);
    await Promise.all(parts.floors.map((floor) => floor.stop()));
    await installation.stop();
  }
}

async function measure(
  { installation, inspectorPort, other, ours, theirs, floors }: Parts,
  tell: (sentence: string) => void,
): Promise<Report> {
  const { url, pid } = installation;
  tell(`signing ${Math.ceil(SUBSCRIBERS / SOCKETS_PER_CALLER)} callers in`);
  const cookies = await installation.hotline(Math.ceil(SUBSCRIBERS / SOCKETS_PER_CALLER));
  const hub = { port: Number(new URL(url).port), origin: url, cookies, query: QUERY };
  const idleBytes = await idleBytesOf({ installation, inspectorPort, ours }, hub);
  tell(`an idle subscription holds ${(idleBytes / 1_024).toFixed(1)} KiB`);
  const { sample } = await ours.hear(EVENTS, () => other.commit(EVENTS));
  const { child: floor, match } = await startOwn("floors/socket-broadcast.ts", { payload: sample });
  floors.push(floor);
  await theirs.open({ port: Number(match[1]), origin: url, cookies: [] }, SUBSCRIBERS);
  const broadcast = () => Promise.resolve(floor.send(String(EVENTS)));
  await theirs.hear(EVENTS, broadcast);
  const rounds = await playRounds(
    {
      floor: { name: "ws", measure: () => deliveryOf(theirs, { pid: floor.pid, send: broadcast, messages: EVENTS }) },
      others: [
        { name: "hub", measure: () => deliveryOf(ours, { pid, send: () => other.commit(EVENTS), messages: EVENTS }) },
      ],
      steady: "perSecond",
    },
    tell,
  );
  return reportOf(rounds, { idleBytes, messageBytes: Buffer.byteLength(sample) });
}

/** What one more subscription makes the hub hold, garbage not counted. The first load code, so the others are counted. */
async function idleBytesOf(
  { installation: { pid }, inspectorPort, ours }: Pick<Parts, "installation" | "inspectorPort" | "ours">,
  hub: Parameters<Readers["open"]>[0],
): Promise<number> {
  const inspector = await openInspector({ pid, port: inspectorPort });
  const held = async (): Promise<number> => {
    await pause(SETTLE_MS);
    await inspector.collectGarbage();
    return residentBytes(pid);
  };
  const warm = Math.ceil(SUBSCRIBERS / 10);
  await ours.open(hub, warm);
  const before = await held();
  await ours.open(hub, SUBSCRIBERS - warm);
  const after = await held();
  inspector.close();
  return (after - before) / (SUBSCRIBERS - warm);
}

function reportOf(
  rounds: readonly Round[],
  { idleBytes, messageBytes }: { readonly idleBytes: number; readonly messageBytes: number },
): Report {
  const ratios = ratiosOf(rounds, { of: "hub", to: "ws", figure: "perSecond" });
  const isSmall = idleBytes <= IDLE_BYTES_MAX;
  const figures = [
    ratioFigure(
      { name: "one hot stream", unit: "messages/s", to: "ws, one framed buffer", ratios, bound: { atLeast: 0.8 } },
      rounds,
    ),
    {
      name: "an idle subscription",
      unit: "bytes",
      value: idleBytes,
      to: "–",
      goal: `≤ ${IDLE_BYTES_MAX}`,
      met: isSmall,
    },
  ];
  const beside = ["ws", "hub"].flatMap((name) => [
    [`${name}: messages/s`, spreadOf(valuesOf(rounds, name, "perSecond")).median] as const,
    [`${name}: CPU-µs a message`, spreadOf(valuesOf(rounds, name, "cpuMicroseconds")).median] as const,
  ]);
  const noisy = isNoisy(rounds);
  return {
    id: "P9",
    goal: `Live fan-out to ${SUBSCRIBERS} subscribers of one stream, each on a socket of its own.`,
    met: !noisy && figures.every(({ met }) => met),
    noisy,
    figures,
    beside: { ...Object.fromEntries(beside), subscribers: SUBSCRIBERS, "bytes of a message": messageBytes },
    notes: [
      "Events are committed by another hub, so what is measured is from the journal's tail to the sockets; the floor is told to broadcast and has them at once.",
      "Memory is the growth of the hub's resident set over nine tenths of the sockets, socket and session included, each time after its garbage was collected.",
      "Of an idle subscription a heap snapshot shows 36 closures and 39 contexts, 4 kB, most of them of graphql-ws and of the engine's plug-ins for each operation; socket and WebSocket hold 3 kB.",
    ],
    machine: machine(),
    versions: versions(),
    at: new Date(wallTime()).toISOString(),
    rounds: [...rounds],
  };
}
