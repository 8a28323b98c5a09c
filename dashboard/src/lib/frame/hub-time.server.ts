import type { RequestEvent } from "@sveltejs/kit";
import { createClock } from "../machine/clock.ts";

/** Hub time in milliseconds: Postgres's, which all hubs share; under `vite dev` this machine's own. */
export function hubTimeMs({ platform }: Pick<RequestEvent, "platform">): number {
  return platform?.req.hubNowMs?.() ?? createClock().nowMs();
}
