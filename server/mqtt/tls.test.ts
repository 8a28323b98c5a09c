import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { storedCredential, testCredential } from "../simulation/broker.ts";
import { testCertificate } from "../simulation/certificate.ts";
import { mosquittoAccount, startMosquittoProcess } from "../simulation/mosquitto.ts";
import type { MosquittoProcess } from "../simulation/mosquitto.ts";
import { pollUntil } from "../simulation/poll.ts";
import { freePort } from "../simulation/ports.ts";
import { refuseAnonymousBroker } from "./anonymous-probe.ts";
import { connectBroker } from "./connection.ts";
import { writeMosquittoFiles } from "./mosquitto-config.ts";
import { createPublisher } from "./publisher.ts";

const hub = testCredential({ user: "hub-first" });
const { cert: ca, key } = testCertificate("localhost", systemClock.now());

let folder: string;
let port: number;
let broker: MosquittoProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "portner-tls-"));
  port = await freePort();
  const tls = { certPath: join(folder, "cert.pem"), keyPath: join(folder, "key.pem") };
  await writeFile(tls.certPath, ca);
  await writeFile(tls.keyPath, key);
  const options = { folder, host: "127.0.0.1", port, tls, ...mosquittoAccount() };
  const written = await writeMosquittoFiles([storedCredential(hub)], options, { random: systemRandom });
  if (!written.ok) return expect.unreachable(written.failure.code);
  broker = await startMosquittoProcess(written.value.confPath, port);
});
afterAll(async () => {
  process.kill(broker.pid, "SIGKILL");
  await broker.exited;
  await rm(folder, { recursive: true });
});

function connect(host: string, authority: { ca?: string }) {
  const options = { url: `mqtts://${host}:${port}`, user: hub.user, secret: hub.secret, onMessage: () => undefined };
  const deps = { clock: systemClock, random: systemRandom, log: silentLog };
  const connected = connectBroker({ ...options, ...authority }, deps);
  return connected.ok ? connected.value : expect.unreachable(connected.failure.code);
}

test("a hub reaches a broker over TLS whose certificate its authority signed", async () => {
  const connection = connect("localhost", { ca });
  expect(await pollUntil(() => connection.state().status === "connected", 10_000)).toBe(true);
  const message = { channel: "deny", tenant: "tenant-one", payload: Buffer.from("document"), retain: true } as const;
  expect(await createPublisher(connection).publish(message)).toBe("sent");
  connection.stop();
  expect(await refuseAnonymousBroker(`mqtts://localhost:${port}`, ca)).toEqual({ ok: true, value: "refused" });
});

test.each([
  { why: "of an unknown authority", host: "localhost", authority: {} },
  { why: "for another host", host: "127.0.0.1", authority: { ca } },
])("a hub does not talk to a broker with a certificate $why", async ({ host, authority }) => {
  const connection = connect(host, authority);
  const unreachable = (): boolean => {
    const state = connection.state();
    return state.status === "disconnected" && state.reason === "UNREACHABLE";
  };
  expect(await pollUntil(unreachable, 5_000)).toBe(true);
  connection.stop();
});
