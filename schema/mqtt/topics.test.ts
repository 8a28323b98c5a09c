import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HUB_CHANNELS, LOCK_CHANNELS, parseTopic, topicText } from "./topics.ts";

const ids = fc.stringMatching(/^[a-z0-9-]{8,36}$/);

test("a topic is written and read the same", () => {
  const plain = { noNullPrototype: true } as const;
  const topics = fc.oneof(
    fc.record({ tenant: ids, channel: fc.constant("deny") }, plain),
    fc.record({ tenant: ids, lock: ids, channel: fc.constantFrom(...HUB_CHANNELS, ...LOCK_CHANNELS) }, plain),
  );
  fc.assert(
    fc.property(topics, (topic) => {
      expect(parseTopic(topicText(topic))).toEqual({ ...topic });
    }),
    { verbose: 1 },
  );
});

test.each([
  "",
  "portner/1",
  "portner/2/fjordby-test/deny",
  "portner/1/fjordby-test/cmd",
  "portner/1/+/deny",
  "portner/1/fjordby-test/#",
  "portner/1/fjordby-test/lock-00001/deny",
  "portner/1/fjordby-test/lock-00001/cmd/more",
  "portner/1/fjordby-test//cmd",
  "portner/1/fjordby-test/LOCK-00001/cmd",
  "portner/1/fjordby-test/lock-00001/toString",
  "portner/1/fjordby-test/lock-00001\n/cmd",
  "/portner/1/fjordby-test/lock-00001/cmd",
  "$share/hubs/portner/1/fjordby-test/lock-00001/cmd",
])("`%s` is not one of the topics", (text) => {
  expect(parseTopic(text)).toBeUndefined();
});
