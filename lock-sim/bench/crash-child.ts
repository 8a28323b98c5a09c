import { createPrivateKey } from "node:crypto";
import { writeSync } from "node:fs";
import { argv, pid } from "node:process";
import { Bench, BENCH_NAMES } from "./bench.ts";
import { BenchHub } from "./hub.ts";

/**
 * A lock in a process of its own, for tests that kill it. Arguments: its folder, the hub's command key (PKCS8 DER,
 * base64) and how it ends: `self` kills itself between persist and motor, `loop` obeys until it is killed. Prints the
 * id of every command before the lock hears it.
 */
const [, , folder = "", secretText = "", mode = "self"] = argv;
const secret = createPrivateKey({ key: Buffer.from(secretText, "base64"), format: "der", type: "pkcs8" });
const key = secret.export({ format: "jwk" }).x ?? "";
const hub = new BenchHub(BENCH_NAMES, { kid: "command-key-1", secret, key });
const beforeMotor = (): void => {
  if (mode === "self") process.kill(pid, "SIGKILL");
};
const bench = new Bench({ folder, hub, beforeMotor });
await bench.powerOn();
bench.connect();
for (;;) {
  const order = bench.hub.order(bench.now());
  const bytes = bench.hub.sign("cmd", order);
  writeSync(1, `${JSON.stringify({ id: order.id, bytes: Buffer.from(bytes).toString("latin1") })}\n`);
  bench.hear("cmd", bytes);
  await bench.pass(1_500);
  bench.ackAll();
}
