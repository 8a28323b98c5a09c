import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOfSecret } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { startTestBroker, storedCredential, testCredential } from "../simulation/broker.ts";
import { startMosquittoProcess } from "../simulation/mosquitto.ts";
import { freePort } from "../simulation/ports.ts";
import { refuseAnonymousBroker } from "./anonymous-probe.ts";
import { renderMosquitto, writeMosquittoFiles } from "./mosquitto-config.ts";
import type { Credential } from "./credentials.ts";
import { brokerDigest, verifierOfDigest } from "./verifier.ts";

const hub = storedCredential(testCredential({ user: "hub-first" }));
const lock: Credential = {
  user: "lock-first",
  role: "lock",
  tenant: "tenant-one",
  verifier: verifierOfDigest(brokerDigest("secret")),
};
const options = { folder: "/etc/portner", host: "127.0.0.1", port: 1_883 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "portner-mosquitto-"));
});
afterEach(() => rm(folder, { recursive: true }));

function aclOf(credentials: readonly Credential[]): string[] {
  const files = renderMosquitto(credentials, options);
  return files.ok ? files.value.acl.trim().split("\n") : [];
}

test("in one tenant a pattern gives every lock its own topics, and a new lock changes nothing", () => {
  const rules = [
    ...["evt", "tel", "ask", "gone"].map((it) => `pattern write portner/1/tenant-one/%u/${it}`),
    ...["cmd", "ack", "ans", "cfg"].map((it) => `pattern read portner/1/tenant-one/%u/${it}`),
    "pattern read portner/1/tenant-one/deny",
  ];
  expect(aclOf([lock])).toEqual(rules);
  expect(aclOf([lock, { ...lock, user: "lock-second" }])).toEqual(rules);
});

test("with several tenants each lock's topics are spelled out in its own tenant", () => {
  const acl = aclOf([lock, { ...lock, user: "lock-second", tenant: "tenant-two" }]);
  expect(acl.slice(10)).toEqual([
    "user lock-second",
    ...["evt", "tel", "ask", "gone"].map((it) => `topic write portner/1/tenant-two/lock-second/${it}`),
    ...["cmd", "ack", "ans", "cfg"].map((it) => `topic read portner/1/tenant-two/lock-second/${it}`),
    "topic read portner/1/tenant-two/deny",
  ]);
  expect(acl.filter((line) => line.startsWith("pattern"))).toEqual([]);
});

test("nobody is anonymous, and Nagle's algorithm is off", () => {
  const files = renderMosquitto([hub, lock], options);
  const conf = files.ok ? files.value.conf.split("\n") : [];
  for (const line of ["allow_anonymous false", "set_tcp_nodelay true", "use_username_as_clientid true", "max_qos 1"]) {
    expect(conf).toContain(line);
  }
});

test("outside loopback it takes TLS", () => {
  const outside = { ...options, host: "0.0.0.0" };
  expect(renderMosquitto([lock], outside)).toEqual({
    ok: false,
    failure: { code: "BROKER_NOT_LOOPBACK", host: "0.0.0.0" },
  });
  const tls = { certPath: "/etc/portner/cert.pem", keyPath: "/etc/portner/key.pem" };
  const files = renderMosquitto([lock], { ...outside, tls });
  expect(files.ok && files.value.conf).toContain("keyfile /etc/portner/key.pem");
});

test("credentials that Mosquitto can't check are told by user", () => {
  const unfit = { ...lock, verifier: verifierOfDigest(digestOfSecret("secret")) };
  expect(renderMosquitto([hub, unfit], options)).toEqual({
    ok: false,
    failure: { code: "VERIFIERS_UNFIT", users: ["lock-first"] },
  });
});

test("its files replace each other and name no draft", async () => {
  for (const credentials of [[hub], [hub, lock]]) {
    expect((await writeMosquittoFiles(credentials, { ...options, folder }, { random: systemRandom })).ok).toBe(true);
  }
});

test.each(["embedded", "mosquitto"] as const)("the %s broker refuses to be anonymous", async (kind) => {
  const broker = await startTestBroker({ credentials: [], kind });
  expect(await refuseAnonymousBroker(broker.url)).toEqual({ ok: true, value: "refused" });
  await broker.stop();
  expect(await refuseAnonymousBroker(broker.url)).toEqual({ ok: true, value: "unreachable" });
});

test("an anonymous Mosquitto is found out", async () => {
  const port = await freePort();
  const conf = join(folder, "open.conf");
  await writeFile(conf, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  const broker = await startMosquittoProcess(conf, port);
  expect(await refuseAnonymousBroker(`mqtt://127.0.0.1:${port}`)).toEqual({
    ok: false,
    failure: { code: "BROKER_ANONYMOUS" },
  });
  process.kill(broker.pid, "SIGKILL");
  await broker.exited;
});
