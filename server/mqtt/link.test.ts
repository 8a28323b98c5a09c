import { expect, test } from "vitest";
import { startTestBroker, testCredential } from "../simulation/broker.ts";
import { pollUntil } from "../simulation/poll.ts";
import { parseEndpoint } from "./endpoint.ts";
import { openLink } from "./link.ts";
import type { LinkLoss } from "./link.ts";

const hub = testCredential({ user: "hub-first" });

function watchedLink(url: string, credential: { user: string; secret: string }, filters: readonly string[]) {
  const endpoint = parseEndpoint(url);
  if (!endpoint.ok) return expect.unreachable(endpoint.failure.code);
  const seen: { ready: number; losses: LinkLoss[] } = { ready: 0, losses: [] };
  const { user, secret } = credential;
  const link = openLink(
    { endpoint: endpoint.value, user, secret, filters },
    { ready: () => (seen.ready += 1), lost: (reason) => seen.losses.push(reason), message: () => undefined },
  );
  return { link, seen };
}

test("a broker that hangs is noticed within ten seconds, and the link is over for good", async () => {
  const broker = await startTestBroker({ credentials: [hub] });
  const { link, seen } = watchedLink(broker.url, hub, ["portner/1/+/+/evt"]);
  expect(await pollUntil(() => seen.ready === 1, 5_000)).toBe(true);
  process.kill(broker.pid(), "SIGSTOP");
  const stoppedAt = performance.now();
  const settled: boolean[] = [];
  const message = { topic: "portner/1/tenant-one/lock-first/cmd", payload: new Uint8Array(1), retain: false };
  link.publish(message, (confirmed) => settled.push(confirmed));
  expect(await pollUntil(() => seen.losses.length > 0, 12_000)).toBe(true);
  expect(performance.now() - stoppedAt).toBeLessThan(10_000);
  process.kill(broker.pid(), "SIGCONT");
  link.close();
  expect(seen).toEqual({ ready: 1, losses: ["LOST"] });
  expect(settled).not.toContain(true);
  await broker.stop();
});

test("a second connection of the same name ends the first", async () => {
  const broker = await startTestBroker({ credentials: [hub] });
  const first = watchedLink(broker.url, hub, []);
  expect(await pollUntil(() => first.seen.ready === 1, 5_000)).toBe(true);
  const second = watchedLink(broker.url, hub, []);
  expect(await pollUntil(() => first.seen.losses.length === 1 && second.seen.ready === 1, 5_000)).toBe(true);
  expect(second.seen).toEqual({ ready: 1, losses: [] });
  second.link.close();
  await broker.stop();
});

test("a refused subscription is a lost link, never a hub that is deaf without knowing", async () => {
  const broker = await startTestBroker({ credentials: [hub], kind: "embedded" });
  const { seen } = watchedLink(broker.url, hub, ["portner/1/+/+/evt", "portner/1/+/+/cmd"]);
  expect(await pollUntil(() => seen.losses.length > 0, 5_000)).toBe(true);
  expect(seen).toEqual({ ready: 0, losses: ["SUBSCRIPTION_REFUSED"] });
  await broker.stop();
});
