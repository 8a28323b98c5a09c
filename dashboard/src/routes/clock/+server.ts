import { json } from "@sveltejs/kit";
import { hubTimeMs } from "#lib/frame/hub-time.server.ts";
import type { RequestHandler } from "./$types";

/** The hub's time in milliseconds, for pages on machines with a wrong clock. */
export const GET: RequestHandler = (event) => json(hubTimeMs(event), { headers: { "cache-control": "no-store" } });
