import { request, type Fetch, type GraphqlFailure, type ResultOf } from "../graphql/index.ts";
import type { Result } from "../graphql/index.ts";
import type { LiveSession } from "../live/session.ts";
import { ADDRESS_PLACE, LOCK_BATTERY, LOCK_PLACE, PASSPORTS } from "./documents.ts";
import type { PassportLock } from "./passport.svelte.ts";
import { lockIdsOf, wayOf, type Way, type WayQuestion } from "../path/way.ts";

/** What whoever sees batteries only is shown. */
export type BatteryView = ResultOf<typeof LOCK_BATTERY>["lock"];

/** What a page begins with. */
export type LoadedPassport =
  | { readonly kind: "way"; readonly way: Way; readonly locks: readonly PassportLock[] }
  | { readonly kind: "battery"; readonly lock: BatteryView };

type Loaded = Promise<Result<LoadedPassport, GraphqlFailure>>;

/** Loads the page of a lock, by its global id. */
export async function loadLock(fetch: Fetch, id: string): Loaded {
  const place = await request(fetch, LOCK_PLACE, { id });
  if (!place.ok) return place.failure.kind === "forbidden" ? batteryOnly(fetch, id) : noSuch(place.failure);
  const { lock } = place.value;
  const door = { ...lock.place, address: lock.address, lock: { id: lock.id } };
  return loadWay(fetch, { title: lock.addressText, paths: lock.paths, lock: { id: lock.id, door } });
}

/** Loads the page of an address, by its global id. */
export async function loadAddress(fetch: Fetch, id: string): Loaded {
  const place = await request(fetch, ADDRESS_PLACE, { id });
  if (!place.ok) return noSuch(place.failure);
  const { node } = place.value;
  if (node?.__typename !== "Address") {
    return { ok: false, failure: { kind: "not-found", code: "NOT_FOUND", message: "no such address in your reach" } };
  }
  return loadWay(fetch, { title: node.line, paths: node.paths, address: node.id });
}

/** An address that was cut off on its way leads nowhere; that is no fault of Portner's. */
function noSuch(failure: GraphqlFailure): Result<never, GraphqlFailure> {
  if (failure.kind !== "invalid") return { ok: false, failure };
  return { ok: false, failure: { kind: "not-found", code: "NOT_FOUND", message: failure.message } };
}

async function batteryOnly(fetch: Fetch, id: string): Loaded {
  const answer = await loadBattery((document, variables) => request(fetch, document, variables), id);
  return answer.ok ? { ok: true, value: { kind: "battery", lock: answer.value } } : answer;
}

/** Asks for the battery of a lock, by its global id. */
export async function loadBattery(
  ask: LiveSession["request"],
  id: string,
): Promise<Result<BatteryView, GraphqlFailure>> {
  const answer = await ask(LOCK_BATTERY, { id });
  return answer.ok ? { ok: true, value: answer.value.lock } : answer;
}

async function loadWay(fetch: Fetch, question: WayQuestion): Loaded {
  const way = wayOf(question);
  const ids = [...lockIdsOf(way)];
  if (ids.length === 0) return { ok: true, value: { kind: "way", way, locks: [] } };
  const answer = await request(fetch, PASSPORTS, { ids, first: ids.length });
  if (!answer.ok) return answer;
  return { ok: true, value: { kind: "way", way, locks: answer.value.locks.edges.map(({ node }) => node) } };
}
