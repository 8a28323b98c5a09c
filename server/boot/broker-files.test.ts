import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { ManualClock } from "../simulation/manual-clock.ts";
import { BrokerFiles, credentialsPathIn } from "./broker-files.ts";

test("what came or left at another hub is in the files a little later, written once however much it was", async () => {
  const folder = await mkdtemp(join(tmpdir(), "portner-broker-files-"));
  const clock = new ManualClock(0);
  let reloads = 0;
  const reload = (): Promise<void> => {
    reloads += 1;
    return Promise.resolve();
  };
  const files = new BrokerFiles(folder, { clock, random: systemRandom, log: silentLog, reload });
  try {
    await files.addHub("hub-other", "secret");
    for (let entry = 0; entry < 5; entry += 1) files.renew();
    clock.advance(1_999);
    await files.stop();
    expect(reloads).toBe(0);
    for (let entry = 0; entry < 5; entry += 1) files.renew();
    clock.advance(2_000);
    await vi.waitFor(async () => {
      expect(await readFile(credentialsPathIn(folder), "utf8")).toContain("hub-other");
      expect(reloads).toBe(1);
    });
  } finally {
    await files.stop();
    await rm(folder, { recursive: true });
  }
});
