import { ROLE_NAMES } from "@portner/schema/people";
import type { DemoAccount, DemoTown } from "./accounts.ts";

/** What the first screen tells. */
export interface Welcome {
  readonly url: string;
  readonly home: string;
  readonly town: DemoTown;
  readonly accounts: readonly DemoAccount[];
  readonly token: string;
}

const EVENTS = "subscription { doorEvents { cursor replayed node { __typename occurredAt lock { serial } } } }";

/** A command line that shows door events as they happen, ready to be copied into another terminal. */
export function curlLine(url: string, token: string): string {
  return [
    `curl -N ${url}/graphql`,
    `-H 'authorization: Bearer ${token}'`,
    "-H 'content-type: application/json'",
    "-H 'accept: text/event-stream'",
    `-d '${JSON.stringify({ query: EVENTS })}'`,
  ].join(" ");
}

/** The first screen: where it is, who can sign in, and how to see doors move. */
export function welcomeText({ url, home, town, accounts, token }: Welcome): string {
  const { world } = town;
  const width = Math.max(...accounts.map(({ role }) => ROLE_NAMES[role].en.length));
  const loginWidth = Math.max(...accounts.map(({ login }) => login.length));
  const rows = accounts.map(
    ({ role, login, password }) => `  ${ROLE_NAMES[role].en.padEnd(width)}  ${login.padEnd(loginWidth)}  ${password}`,
  );
  return `
Portner runs ${world.tenant.name}: ${world.locks.length.toLocaleString("en")} doors, ${world.citizens.length} citizens, all invented.

  open      ${url}   (the dashboard; a carer's phone at /open; try /graphiql, /readyz, /metrics)
  data      ${home}

Accounts, only here and only for this database:

${rows.join("\n")}

See doors move, in another terminal:

${curlLine(url, token)}

Ctrl-C stops everything; the next start goes on where this one ended.
`;
}
