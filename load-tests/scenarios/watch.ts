// k6: screens that watch every door while doors are opened. Each must hear of each opening once, in the journal's order.
import { check } from "k6";
import exec from "k6/execution";
import http from "k6/http";
import { Trend } from "k6/metrics";
import { WebSocket } from "k6/websockets";
import { wallTime } from "../clock.ts";

interface Press {
  readonly body: string;
  readonly headers: Record<string, string>;
}
interface Edge {
  readonly cursor: string;
  readonly node: { readonly __typename: string; readonly receivedAt: string } | null;
}

const data: {
  readonly url: string;
  readonly cookies: readonly string[];
  readonly presses: readonly Press[];
} = JSON.parse(open(__ENV.PORTNER_LOAD_DATA ?? ""));
const RATE = Number(__ENV.RATE ?? "2");
const WATCHERS = Number(__ENV.WATCHERS ?? "20");
/** Before the first opening every screen watches. */
const QUIET_SECONDS = 3;
const OPENING_SECONDS = Math.floor(data.presses.length / RATE);
/** After the last opening that it awaits, a screen watches on for what comes twice. */
const AFTERWARDS_MS = 1_000;
/** The last event arrives within this on a busy machine. */
const ARRIVAL_SECONDS = 30;
const WATCH_MS_MAX = (QUIET_SECONDS + OPENING_SECONDS + ARRIVAL_SECONDS) * 1_000;
const QUERY = "subscription { doorEvents { cursor node { __typename receivedAt lock { serial } } } }";

const heardAfter = new Trend("door_event_heard_after", true);

export const options = {
  scenarios: {
    watch: { executor: "per-vu-iterations", exec: "watch", vus: WATCHERS, iterations: 1, maxDuration: "10m" },
    open: {
      executor: "constant-arrival-rate",
      exec: "openDoor",
      startTime: `${QUIET_SECONDS}s`,
      rate: RATE,
      timeUnit: "1s",
      duration: `${OPENING_SECONDS}s`,
      preAllocatedVUs: RATE * 10,
    },
  },
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate==0"],
    iterations: ["count>0"],
    ...(__ENV.SMOKE === undefined ? { dropped_iterations: ["count==0"] } : {}),
  },
};

export function openDoor(): void {
  const press = data.presses[exec.scenario.iterationInTest];
  if (press === undefined) return;
  const response = http.post(`${data.url}/graphql`, press.body, { headers: press.headers });
  check(response, { "it opened": (answer) => answer.json("data.openDoor.state") === "OPENED" });
}

function place(cursor: string): number {
  return Number(cursor.slice(cursor.indexOf(".") + 1));
}

export function watch(): void {
  const cookie = data.cookies[exec.vu.idInTest % data.cookies.length] ?? "";
  const headers = { cookie, origin: data.url, "sec-websocket-protocol": "graphql-transport-ws" };
  const socket = new WebSocket(`${data.url.replace("http", "ws")}/graphql`, null, { headers });
  const places: number[] = [];
  let opened = 0;
  let isRefused = false;
  socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "connection_init" })));
  socket.addEventListener("message", (event) => {
    const message = JSON.parse("data" in event ? String(event.data) : "{}");
    if (message.type === "connection_ack") {
      socket.send(JSON.stringify({ id: `s${exec.vu.idInTest}`, type: "subscribe", payload: { query: QUERY } }));
    }
    if (message.type === "error" || message.payload?.errors !== undefined) isRefused = true;
    const edge: Edge | undefined = message.payload?.data?.doorEvents;
    if (message.type !== "next" || edge === undefined || edge.node === null) return;
    places.push(place(edge.cursor));
    if (edge.node.__typename === "DoorOpened") opened += 1;
    if (edge.node.__typename === "DoorOpened" && opened === data.presses.length) setTimeout(finish, AFTERWARDS_MS);
    heardAfter.add(wallTime() - Date.parse(edge.node.receivedAt));
  });
  let isOver = false;
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(latest);
    check(undefined, {
      "nothing was refused": () => !isRefused,
      "every opening was heard of once": () => opened === data.presses.length,
      "events came in the journal's order, none twice": () =>
        places.every((each, n) => n === 0 || each > (places[n - 1] ?? 0)),
    });
    socket.close();
  };
  const latest = setTimeout(finish, WATCH_MS_MAX);
}
