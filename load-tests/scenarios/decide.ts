// k6: questions whether a credential may open a lock, at a constant rate, each with the answer that is right.
import { check } from "k6";
import exec from "k6/execution";
import http from "k6/http";

interface Question {
  readonly credential: string;
  readonly lock: string;
  readonly outcome: string;
}

const data: { readonly url: string; readonly token: string; readonly questions: readonly Question[] } = JSON.parse(
  open(__ENV.PORTNER_LOAD_DATA ?? ""),
);
const DOCUMENT = `query($input: DecideInput!) { decide(input: $input) { outcome revision } }`;

export const options = {
  discardResponseBodies: false,
  scenarios: {
    decide: {
      executor: "constant-arrival-rate",
      exec: "decide",
      rate: Number(__ENV.RATE ?? "50"),
      timeUnit: "1s",
      duration: `${__ENV.SECONDS ?? "5"}s`,
      preAllocatedVUs: 50,
    },
  },
  // A dropped iteration is a question that was not asked in time: then nothing that was measured counts.
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate==0"],
    iterations: ["count>0"],
    ...(__ENV.SMOKE === undefined ? { dropped_iterations: ["count==0"] } : {}),
  },
};

export function decide(): void {
  const asked = data.questions[exec.scenario.iterationInTest % data.questions.length];
  if (asked === undefined) return;
  const { credential, lock, outcome } = asked;
  const body = JSON.stringify({ query: DOCUMENT, variables: { input: { credential, lock } } });
  const headers = { "content-type": "application/json", authorization: `Bearer ${data.token}` };
  const response = http.post(`${data.url}/graphql`, body, { headers });
  check(response, {
    "the answer is the right one": (answer) => answer.json("data.decide.outcome") === outcome,
    "it says what it rests on": (answer) => /^j\d+\.\d+$/.test(String(answer.json("data.decide.revision"))),
  });
}
