import { expect, test } from "vitest";
import { m } from "#messages";
import { lastEventWords, type LastEvent } from "./last-event.ts";

const AT = { occurredAt: "2026-11-22T09:43:07Z", actor: null };

test("opened is said only where the lock has said so", () => {
  const words = (event: LastEvent): string => lastEventWords(event).word;
  expect(words({ __typename: "DoorOpened", ...AT })).toBe(m.live_opened());
  expect(words({ __typename: "PermitUsed", ...AT })).toBe(m.live_permit_used());
  expect(m.live_permit_used()).not.toBe(m.live_opened());
});

test.each([
  ["ABANDONED", m.live_command_abandoned],
  ["REJECTED", m.live_command_rejected],
  ["EXPIRED", m.live_command_expired],
  ["UNKNOWN", m.live_command_unknown],
] as const)("a command that ended %s is told as just that", (state, word) => {
  expect(lastEventWords({ __typename: "CommandSettled", state, ...AT }).word).toBe(word());
});
