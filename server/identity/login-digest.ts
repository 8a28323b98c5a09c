import { createHmac } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import type { Tables } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import type { Random } from "../kernel/random.ts";
import { secretOfPeriod } from "./store/login-keys.ts";

/** How long one secret is used. Within it two refusals of one login can be told to be of one login. */
const PERIOD_MS = 30 * 24 * 3_600_000;
const SECRET_BYTES = 32;

/**
 * What stands for a login in the journal, from which nothing can be removed: an HMAC with the secret of the month. Once the
 * secret is deleted, no guessed address can be compared with it any more. Hexadecimal, 64 characters.
 */
export async function digestOfLogin(
  { tables, clock, random }: { readonly tables: Tables; readonly clock: Clock; readonly random: Random },
  login: string,
): Promise<string> {
  const now = clock.now();
  const secret = await secretOfPeriod(tables, Math.floor(now / PERIOD_MS), () => ({
    secret: random.bytes(SECRET_BYTES),
    createdAt: new Date(now),
  }));
  if (secret === undefined) throw new InvariantError("the secret of this month was deleted as it was made");
  return createHmac("sha256", secret).update(`login ${login}`).digest("hex");
}
