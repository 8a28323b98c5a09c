// k6: presses of the button at a constant rate. Each was signed beforehand, for k6 has no Ed25519.
import { check } from "k6";
import exec from "k6/execution";
import http from "k6/http";

interface Press {
  readonly body: string;
  readonly headers: Record<string, string>;
}

const data: { readonly url: string; readonly presses: readonly Press[] } = JSON.parse(
  open(__ENV.PORTNER_LOAD_DATA ?? ""),
);
const RATE = Number(__ENV.RATE ?? "2");

export const options = {
  scenarios: {
    open: {
      executor: "constant-arrival-rate",
      exec: "openDoor",
      rate: RATE,
      timeUnit: "1s",
      duration: `${Math.floor(data.presses.length / RATE)}s`,
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
  check(response, {
    "it was taken": (answer) => answer.json("data.openDoor.__typename") === "OpenDoorSuccess",
    "the door's own word says that it opened": (answer) =>
      __ENV.UNTIL !== "OPENED" || answer.json("data.openDoor.state") === "OPENED",
  });
}
