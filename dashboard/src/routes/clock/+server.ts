import { json } from "@sveltejs/kit";
import { createClock } from "#lib/machine/clock.ts";
import type { RequestHandler } from "./$types";

/** The hub's time in milliseconds, for pages on machines with a wrong clock. */
export const GET: RequestHandler = () => json(createClock().nowMs(), { headers: { "cache-control": "no-store" } });
