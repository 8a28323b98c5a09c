import { hubTimeMs } from "#lib/frame/hub-time.server.ts";
import type { LayoutServerLoad } from "./$types";

export const load: LayoutServerLoad = ({ locals, platform }) => ({ ...locals, hubMs: hubTimeMs({ platform }) });
