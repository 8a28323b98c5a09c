import { expect, test, vi } from "vitest";
import { UNREACHABLE } from "../graphql/failure.ts";
import type { LiveSession } from "../live/session.ts";
import { placeText } from "./block-words.ts";
import { ResidualPlaces } from "./residual-places.svelte.ts";

function isLive(value: unknown): value is Pick<LiveSession, "request"> {
  return typeof value === "object" && value !== null && "request" in value;
}

function placesOf(addresses: Readonly<Record<string, string>>) {
  const hub = { isAway: false, asked: 0 };
  const live: unknown = {
    request: (_document: unknown, { ids }: { readonly ids: readonly string[] }) => {
      hub.asked += 1;
      if (hub.isAway) return Promise.resolve({ ok: false, failure: UNREACHABLE });
      const nodes = ids.flatMap((id) => (addresses[id] === undefined ? [] : { id, addressText: addresses[id] }));
      return Promise.resolve({ ok: true, value: { locks: { edges: nodes.map((node) => ({ node })) } } });
    },
  };
  return isLive(live) ? { hub, places: new ResidualPlaces(live) } : expect.unreachable("no session");
}

test("a lock is outside the viewer's reach only where the hub has said so", async () => {
  const { places } = placesOf({ a: "Åbovej 12" });
  places.know(["a", "b"]);
  expect(places.of("a")).toEqual({ kind: "asking" });
  await vi.waitFor(() => expect(places.of("a")).toEqual({ kind: "known", address: "Åbovej 12" }));
  expect(places.of("b")).toEqual({ kind: "outside" });
});

test("after a request that failed the next look asks again", async () => {
  const { hub, places } = placesOf({ a: "Åbovej 12" });
  hub.isAway = true;
  places.know(["a"]);
  await vi.waitFor(() => expect(places.of("a")).toEqual({ kind: "failed" }));
  hub.isAway = false;
  places.know(["a"]);
  await vi.waitFor(() => expect(placeText(places.of("a"))).toBe("Åbovej 12"));
  places.know(["a"]);
  expect(hub.asked).toBe(2);
});
