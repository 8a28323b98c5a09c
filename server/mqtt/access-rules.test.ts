import fc from "fast-check";
import { expect, test } from "vitest";
import { HUB_FILTERS, may, mayLeaveWill } from "./access-rules.ts";
import type { AccessDenial, BrokerPrincipal, BrokerRequest } from "./access-rules.ts";

const hub: BrokerPrincipal = { role: "hub" };
const lock: BrokerPrincipal = { role: "lock", tenant: "tenant-one", lock: "lock-self" };
const own = (channel: string): string => `portner/1/tenant-one/lock-self/${channel}`;
const publish = (topic: string, retain = false, qos = 1): BrokerRequest => ({ action: "publish", topic, retain, qos });

test.each([
  ...["evt", "tel", "ask", "gone"].map((it) => ({ who: lock, request: publish(own(it)) })),
  ...["cmd", "ack", "ans", "cfg"].flatMap((it) => [
    { who: lock, request: { action: "subscribe", topic: own(it), qos: 1 } as const },
    { who: lock, request: { action: "receive", topic: own(it) } as const },
    { who: hub, request: publish(own(it)) },
  ]),
  { who: lock, request: { action: "subscribe", topic: "portner/1/tenant-one/deny", qos: 0 } as const },
  { who: hub, request: publish(own("cfg"), true) },
  { who: hub, request: publish("portner/1/tenant-one/deny", true) },
  ...HUB_FILTERS.map((topic) => ({ who: hub, request: { action: "subscribe", topic, qos: 1 } as const })),
  ...["evt", "tel", "ask", "gone", "cfg"].map((it) => ({
    who: hub,
    request: { action: "receive", topic: own(it) } as const,
  })),
])("a $who.role may $request.action $request.topic", ({ who, request }) => {
  expect(may(who, request)).toEqual({ allowed: true });
});

test.each<{ who: BrokerPrincipal; request: BrokerRequest; reason: AccessDenial }>([
  { who: lock, request: publish(own("evt"), true), reason: "retained" },
  { who: lock, request: publish(own("tel"), true, 0), reason: "retained" },
  { who: lock, request: publish(own("evt"), false, 2), reason: "quality" },
  { who: lock, request: publish(own("cmd")), reason: "wrong_channel" },
  { who: lock, request: publish("portner/1/tenant-one/deny"), reason: "wrong_channel" },
  { who: lock, request: publish("portner/1/tenant-two/lock-self/evt"), reason: "foreign_tenant" },
  { who: lock, request: publish("portner/1/tenant-one/lock-other/evt"), reason: "foreign_lock" },
  { who: lock, request: publish("portner/1/tenant-one/+/evt"), reason: "unknown_topic" },
  { who: lock, request: { action: "subscribe", topic: "portner/1/tenant-one/+/cmd", qos: 1 }, reason: "filter" },
  { who: lock, request: { action: "subscribe", topic: `$share/g/${own("cmd")}`, qos: 1 }, reason: "filter" },
  { who: lock, request: { action: "subscribe", topic: own("evt"), qos: 1 }, reason: "wrong_channel" },
  { who: lock, request: { action: "subscribe", topic: "portner/1/tenant-two/deny", qos: 1 }, reason: "foreign_tenant" },
  { who: lock, request: { action: "receive", topic: "$SYS/broker/heartbeat" }, reason: "unknown_topic" },
  { who: hub, request: publish(own("cmd"), true), reason: "retained" },
  { who: hub, request: publish(own("ack"), true), reason: "retained" },
  { who: hub, request: publish(own("ans"), true), reason: "retained" },
  { who: hub, request: publish(own("evt")), reason: "wrong_channel" },
  { who: hub, request: { action: "subscribe", topic: "#", qos: 1 }, reason: "filter" },
  { who: hub, request: { action: "subscribe", topic: "portner/1/+/+/cmd", qos: 1 }, reason: "filter" },
  { who: hub, request: { action: "subscribe", topic: "$share/g/portner/1/+/+/evt", qos: 1 }, reason: "filter" },
  { who: hub, request: { action: "receive", topic: own("cmd") }, reason: "wrong_channel" },
])("a $who.role may not $request.action $request.topic: $reason", ({ who, request, reason }) => {
  expect(may(who, request)).toEqual({ allowed: false, reason });
});

test("a will is a lock's own gone and nothing else", () => {
  const will = { topic: own("gone"), retain: false, qos: 1 };
  expect(mayLeaveWill(lock, will).allowed).toBe(true);
  expect(mayLeaveWill(lock, { ...will, retain: true }).allowed).toBe(false);
  expect(mayLeaveWill(lock, { ...will, topic: own("evt") }).allowed).toBe(false);
  expect(mayLeaveWill(hub, { ...will, topic: own("cmd") }).allowed).toBe(false);
});

test("whatever a lock publishes or hears, its tenant stands in the topic, and its id or deny", () => {
  const level = fc.oneof(
    fc.constantFrom(
      "portner",
      "1",
      "tenant-one",
      "tenant-two",
      "lock-self",
      "lock-other",
      "evt",
      "cmd",
      "deny",
      "+",
      "#",
    ),
    fc.string({ maxLength: 12 }),
  );
  const topic = fc.array(level, { maxLength: 7 }).map((levels) => levels.join("/"));
  fc.assert(
    fc.property(topic, fc.constantFrom("publish", "subscribe", "receive"), (text, action) => {
      const request: BrokerRequest =
        action === "receive" ? { action, topic: text } : { action, topic: text, qos: 1, retain: false };
      if (!may(lock, request).allowed) return;
      expect(text).toMatch(/^portner\/1\/tenant-one\/(lock-self\/(evt|tel|ask|gone|cmd|ack|ans|cfg)|deny)$/);
    }),
    { numRuns: 20_000 },
  );
});
