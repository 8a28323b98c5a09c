/** Builds the dashboard where it is missing or older than its sources: `node server/boot/build-dashboard.ts`. */
import { systemClock } from "../kernel/clock.ts";
import { ensureDashboardBuilt } from "./dashboard-build.ts";

await ensureDashboardBuilt(systemClock);
