// Prints every door event as a line of JSON, and goes on after the last one, also after a break or a restart.
// PORTNER_URL says where, PORTNER_TOKEN who (scope events:read), CURSOR_FILE remembers how far it came.
import { readFile, rename, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

const { PORTNER_URL, PORTNER_TOKEN, CURSOR_FILE = "portner-cursor" } = process.env;
const RETRY_MS = 1_000;
// The hub sends something every 10 s; half a minute of nothing means that the line is dead.
const SILENCE_MS = 30_000;

const query = `subscription ($after: Cursor) {
  doorEvents(after: $after) {
    cursor
    replayed
    gap { from oldest }
    node { __typename id occurredAt lock { serial } }
  }
}`;

async function follow(after) {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const response = await fetch(`${PORTNER_URL}/graphql`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${PORTNER_TOKEN}`,
      "content-type": "application/json",
      accept: "text/event-stream",
    },
    body: JSON.stringify({ query, variables: { after } }),
    signal: silence.signal,
  });
  if (!response.ok) throw new Error(`the hub answered ${response.status}: ${await response.text()}`);
  let rest = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop();
    for (const line of lines) if (line.startsWith("data: {")) await take(JSON.parse(line.slice("data: ".length)));
  }
  clearTimeout(timer);
}

async function take({ data, errors }) {
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  const { doorEvents } = data;
  // An edge without an event is the hub's beat: it moves the cursor and nothing else.
  if (doorEvents.node !== null || doorEvents.gap !== null) console.log(JSON.stringify(doorEvents));
  // Remembered after it was printed: whatever happens in between, an event may come twice, never not at all.
  await writeFile(`${CURSOR_FILE}.new`, doorEvents.cursor);
  await rename(`${CURSOR_FILE}.new`, CURSOR_FILE);
}

for (;;) {
  const after = await readFile(CURSOR_FILE, "utf8").catch(() => null);
  await follow(after).catch((error) => console.error(String(error)));
  await wait(RETRY_MS);
}
