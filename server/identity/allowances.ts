import type { Allowance } from "../graphql/allowance/allowance.ts";

/**
 * What callers of each kind may ask over time, in cost (`READ_COST_MIN`, `WRITE_COST_MIN` and COST_MAX tell its scale).
 * None can take more than some per cent of a hub for long, and none runs dry at its own work:
 *
 * - `account`: a console whose search is shown asks for 683 a second (a search of 3,281 each 5 s, what needs somebody at
 *   270 each 10 s), a page of five doors of which something is heard all the time for 12,400 (3,100 at most each 250 ms).
 *   Four consoles on as many screens beside such a page are 15,200. Typing a name asks for 3,281 a key.
 * - `phone`: its list of paths costs 2,551 for each fifty, so fifty pages once and a door each ten seconds fit well. One
 *   that presses without pause for a whole night writes five entries a second into the journal. Renewals by proof are
 *   charged to its address, since nobody has a session yet; how many a phone gets is bounded where they are opened.
 * - `token`: 20,000 locks with fifteen fields each at once, and again a minute later; or two hundred decisions a second.
 *   A subscription is charged once, however much it tells.
 * - `address`: whoever has not said who he is shares it with all behind the same network address: a town's office at the
 *   start of a shift, or the phones of a mobile network. Two thousand sign-ins, renewals or commissioned locks at once, and forty a second.
 *   What is refused before it is an operation has a bucket of its own of the same size, so that no foreign page keeps them out.
 */
export const ALLOWANCES = {
  account: { capacity: 400_000, restorePerSecond: 20_000, underWay: 32 },
  phone: { capacity: 150_000, restorePerSecond: 500, underWay: 16 },
  token: { capacity: 300_000, restorePerSecond: 5_000, underWay: 32 },
  address: { capacity: 200_000, restorePerSecond: 4_000, underWay: 200 },
} as const satisfies Readonly<Record<string, Allowance>>;
