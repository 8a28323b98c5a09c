import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogFile } from "./log-file.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "portner-log-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function readAll(path: string): Promise<{ records: unknown[]; cutBytes: number }> {
  const records: unknown[] = [];
  const log = await LogFile.open(path, (record) => records.push(record));
  await log.close();
  return { records, cutBytes: log.cutBytes };
}

async function written(path: string, records: readonly unknown[]): Promise<Buffer> {
  const log = await LogFile.open(path, () => undefined);
  for (const record of records) await log.append(record);
  await log.close();
  return readFile(path);
}

test("a tail torn at any byte of the last line is cut, and everything before it is kept", async () => {
  const path = join(folder, "a.log");
  const whole = await written(path, [{ n: 1 }, { n: 2 }, { n: 3, text: "blåbær" }]);
  const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
  for (let end = lastLine; end < whole.length; end += 1) {
    await writeFile(path, whole.subarray(0, end));
    expect(await readAll(path)).toEqual({ records: [{ n: 1 }, { n: 2 }], cutBytes: end - lastLine });
    expect((await stat(path)).size).toBe(lastLine);
  }
});

test("a last line with any one byte changed is cut", async () => {
  const path = join(folder, "a.log");
  const whole = await written(path, [{ n: 1 }, { n: 2 }]);
  const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
  for (let at = lastLine; at < whole.length; at += 1) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0x11;
    await writeFile(path, changed);
    expect((await readAll(path)).records).toEqual([{ n: 1 }]);
  }
});

test("what is appended after a cut is read again", async () => {
  const path = join(folder, "a.log");
  await written(path, [{ n: 1 }]);
  await appendFile(path, "0badc0de [{");
  await written(path, [{ n: 2 }]);
  expect((await readAll(path)).records).toEqual([{ n: 1 }, { n: 2 }]);
});

test("damage before the last line refuses to open", async () => {
  const path = join(folder, "a.log");
  const whole = await written(path, [{ n: 1 }, { n: 2 }, { n: 3 }]);
  whole[3] = (whole[3] ?? 0) ^ 1;
  await writeFile(path, whole);
  await expect(readAll(path)).rejects.toMatchObject({ code: "LOG_DAMAGED" });
});

test("records appended together share a line, and a noted one is written with the next append or at the end", async () => {
  const path = join(folder, "a.log");
  const log = await LogFile.open(path, () => undefined);
  log.note({ n: 1 });
  expect((await stat(path)).size).toBe(0);
  await Promise.all([log.append({ n: 2 }), log.append({ n: 3 })]);
  expect((await readFile(path, "latin1")).split("\n")).toHaveLength(2);
  log.note({ n: 4 });
  await log.close();
  expect((await readAll(path)).records).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
});

test("a log that has grown is rewritten from a snapshot, and loses nothing that is appended meanwhile", async () => {
  const path = join(folder, "a.log");
  let sum = 0;
  const log = await LogFile.open(path, () => undefined);
  log.rewriteFrom(() => [{ sum }]);
  const padding = "x".repeat(1_000);
  for (let n = 1; n <= 2_000; n += 1) {
    sum += n;
    const appended = log.append({ add: n, padding });
    if (n % 3 === 0) await appended;
  }
  await log.close();
  expect((await stat(path)).size).toBeLessThan(600_000);
  let total = 0;
  for (const record of (await readAll(path)).records as readonly { sum?: number; add?: number }[]) {
    total = record.sum ?? total + (record.add ?? 0);
  }
  expect(total).toBe(sum);
});
