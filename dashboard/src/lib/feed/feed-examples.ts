import type { FeedEdge } from "./documents.ts";

/** An edge for tests: the n-th event of a journal. */
export function edgeAt(
  n: number,
  { receivedMs = n * 1_000, lateMs = 0, address = "Åbovej 12", replayed = false } = {},
): FeedEdge {
  const occurredAt = new Date(receivedMs - lateMs).toISOString();
  const receivedAt = new Date(receivedMs).toISOString();
  return {
    cursor: `j1.${n}`,
    replayed,
    gap: null,
    node: {
      ...{ __typename: "DoorOpened", occurredAt, receivedAt, performedVia: "PHONE" },
      lock: { id: "TG9jazox", serial: "FJ1-1", addressText: address },
      actor: { employeeId: "4711", name: null, pseudonym: null },
    },
  };
}

/** A beat that says how far the stream has come. */
export function beatAt(n: number): FeedEdge {
  return { cursor: `j1.${n}`, replayed: false, gap: null, node: null };
}
