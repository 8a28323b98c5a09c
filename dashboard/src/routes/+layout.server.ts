import { createClock } from "#lib/machine/clock.ts";
import type { LayoutServerLoad } from "./$types";

export const load: LayoutServerLoad = ({ locals }) => ({ ...locals, hubMs: createClock().nowMs() });
