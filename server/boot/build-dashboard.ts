/** Builds the dashboard where no build of its sources is there: `node server/boot/build-dashboard.ts`. */
import { systemClock } from "../kernel/clock.ts";
import { ensureDashboardBuilt } from "./dashboard-build.ts";

/** Nothing else keeps this process alive while another one builds. */
const STAY_MS = 60_000;

const staying = setInterval(() => undefined, STAY_MS);
console.log(await ensureDashboardBuilt(systemClock));
clearInterval(staying);
