import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOfSecret, newSecret } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { credentialsFile, readCredentials } from "./credentials.ts";
import type { Credential } from "./credentials.ts";
import { brokerDigest, isMosquittoVerifier, isVerifier, verifierOfDigest, verifies } from "./verifier.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "portner-credentials-"));
  path = join(folder, "credentials.jsonl");
});
afterEach(() => rm(folder, { recursive: true }));

function lockCredential(user: string): Credential {
  return {
    user,
    role: "lock",
    tenant: "tenant-one",
    verifier: verifierOfDigest(brokerDigest(newSecret(systemRandom))),
  };
}

test("a verifier of either form accepts its secret and no other", () => {
  const secret = newSecret(systemRandom);
  for (const verifier of [brokerDigest(secret), digestOfSecret(secret)].map(verifierOfDigest)) {
    expect(isVerifier(verifier)).toBe(true);
    expect(verifies(verifier, Buffer.from(secret))).toBe(true);
    expect(verifies(verifier, Buffer.from(`${secret}x`))).toBe(false);
    expect(verifies(verifier, Buffer.from(newSecret(systemRandom)))).toBe(false);
    expect(verifies(verifier, new Uint8Array())).toBe(false);
  }
  expect(isMosquittoVerifier(verifierOfDigest(digestOfSecret(secret)))).toBe(false);
});

test("what is no verifier accepts nothing, and a costly one is none", () => {
  const costly = verifierOfDigest(brokerDigest("secret")).replace("$7$1$", "$7$9999$");
  for (const odd of ["", "secret", "sha256:", "$7$0$AAAA$AAAA", "$6$AAAA$AAAA", costly]) {
    expect(isVerifier(odd)).toBe(false);
  }
  expect(verifies("", new Uint8Array())).toBe(false);
});

test("credentials come back as written, in a file that only its owner reads", async () => {
  const hub: Credential = { user: "hub-first", role: "hub", verifier: verifierOfDigest(brokerDigest("secret")) };
  const lock = lockCredential("lock-first");
  await credentialsFile(path, systemRandom).write([hub, lock]);
  const read = await readCredentials(path);
  expect(read.ok && [...read.value.values()]).toEqual([hub, lock]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["credentials.jsonl"]);
});

test("additions made at once are all kept, each user once", async () => {
  const file = credentialsFile(path, systemRandom);
  const locks = Array.from({ length: 20 }, (_, i) => lockCredential(`lock-number-${i}`));
  const replaced = lockCredential("lock-number-7");
  await Promise.all([...locks, replaced].map((it) => file.add([it])));
  await file.remove(["lock-number-3"]);
  const read = await readCredentials(path);
  expect(read.ok && read.value.size).toBe(19);
  expect(read.ok && read.value.get("lock-number-7")).toEqual(replaced);
});

test("20,000 credentials are one file", async () => {
  const { verifier } = lockCredential("lock-model");
  const many = Array.from({ length: 20_000 }, (_, i) => ({
    ...lockCredential("lock-model"),
    verifier,
    user: `lock-${i + 10_000}`,
  }));
  const file = credentialsFile(path, systemRandom);
  await file.write(many);
  expect((await file.add([lockCredential("lock-late")])).ok).toBe(true);
  const read = await readCredentials(path);
  expect(read.ok && read.value.size).toBe(20_001);
});

test("a faulty line is told by its number, and an addition does not hide it", async () => {
  const good = JSON.stringify(lockCredential("lock-first"));
  for (const bad of ["{", '{"user":"x"}', JSON.stringify({ ...lockCredential("lock-second"), admin: true })]) {
    await writeFile(path, `${good}\n${bad}\n`);
    const fault = { code: "CREDENTIALS_FAULTY", path, line: 2, why: "syntax" };
    expect(await readCredentials(path)).toEqual({ ok: false, failure: fault });
    expect(await credentialsFile(path, systemRandom).add([lockCredential("lock-third")])).toEqual({
      ok: false,
      failure: fault,
    });
    expect(await readFile(path, "utf8")).toBe(`${good}\n${bad}\n`);
  }
  await writeFile(path, `${good}\n${good}\n`);
  const twice = await readCredentials(path);
  expect(twice).toMatchObject({ failure: { line: 2, why: "duplicate" } });
});

test("a missing file is told as missing", async () => {
  expect(await readCredentials(path)).toEqual({ ok: false, failure: { code: "CREDENTIALS_MISSING", path } });
});
