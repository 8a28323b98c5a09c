/** `npm run dev`: a demo whose hub starts again when its sources change, and pages that change while one looks at them. */
import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const CHECKOUT = fileURLToPath(new URL("..", import.meta.url));
const DASHBOARD = fileURLToPath(new URL(".", import.meta.url));
/** Where the demo's hub listens unless told otherwise; `vite dev` passes the API on to it. */
const hubPort = process.env["PORT"] ?? "4610";

const started: ChildProcess[] = [
  spawn(process.execPath, ["--watch", "server/boot/cli.ts", "demo", "--no-pages", ...process.argv.slice(2)], {
    cwd: CHECKOUT,
    stdio: "inherit",
  }),
  spawn(process.execPath, [`${CHECKOUT}node_modules/vite/bin/vite.js`, "dev"], {
    cwd: DASHBOARD,
    stdio: "inherit",
    env: { ...process.env, PORTNER_HUB_URL: `http://127.0.0.1:${hubPort}` },
  }),
];
const end = (signal: NodeJS.Signals): void => {
  for (const child of started) child.kill(signal);
};
process.on("SIGINT", () => end("SIGINT"));
process.on("SIGTERM", () => end("SIGTERM"));
for (const child of started) child.once("exit", () => end("SIGTERM"));
