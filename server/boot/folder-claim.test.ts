import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimFolder } from "./folder-claim.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "portner-claim-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("of many claims at once one is granted, and the next when it is given back", async () => {
  const claims = await Promise.allSettled(Array.from({ length: 20 }, () => claimFolder(folder)));
  const granted = claims.flatMap((claim) => (claim.status === "fulfilled" ? [claim.value] : []));
  expect(granted).toHaveLength(1);
  await expect(claimFolder(folder)).rejects.toMatchObject({ code: "FOLDER_IN_USE" });
  await granted[0]?.();
  await (
    await claimFolder(folder)
  )();
  expect(await readdir(folder)).toEqual([]);
});

test("a claim whose process is gone, or whose number another one has now, or that was never written, holds nobody up", async () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  for (const left of [`${pid} 123`, `${process.pid} 1`, `${process.pid}`, ""]) {
    await writeFile(join(folder, "owner"), left);
    const release = await claimFolder(folder);
    expect(await readdir(folder)).toEqual(["owner"]);
    await release();
  }
});

test("of many who find a dead claim at once one gets the folder", async () => {
  for (let round = 0; round < 20; round += 1) {
    await writeFile(join(folder, "owner"), `${process.pid} 1`);
    const claims = await Promise.allSettled(Array.from({ length: 20 }, () => claimFolder(folder)));
    const granted = claims.flatMap((claim) => (claim.status === "fulfilled" ? [claim.value] : []));
    expect(granted).toHaveLength(1);
    await granted[0]?.();
  }
  expect(await readdir(folder)).toEqual([]);
});

test("who gives back late takes nobody else's claim away", async () => {
  const release = await claimFolder(folder);
  await writeFile(join(folder, "owner"), "1 1");
  await release();
  expect(await readdir(folder)).toEqual(["owner"]);
});
