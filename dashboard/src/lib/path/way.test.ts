import { expect, test } from "vitest";
import type { WayPath } from "./documents.ts";
import { elsewhere, lockIdsOf, wayOf, type WayDoor } from "./way.ts";

function door(id: string, kind: string, address: string, lock: string | null): WayDoor {
  return { id, kind, address: { id: address, line: address }, lock: lock === null ? null : { id: lock } };
}

const gate = door("gate", "gate", "street", null);
const stairwell = door("stairwell", "stairwell", "street", "L1");

function path(id: string, home: string, doors: readonly WayDoor[], emergencyCall = false): WayPath {
  return { id, home: { id: home, line: home }, citizen: { emergencyCall }, doors: [...doors] };
}

const left = path("P1", "left", [gate, stairwell, door("d1", "flat", "left", "L2")], true);
const right = path("P2", "right", [gate, stairwell, door("d2", "flat", "right", "L3")]);

test("the lock of a flat is on the whole way to it, doors without a lock included", () => {
  const way = wayOf({ title: "t", paths: [left], lock: { id: "L2", door: door("d1", "flat", "left", "L2") } });
  expect(way.path).toEqual({ id: "P1", emergencyCall: true });
  expect(way.doors.map(({ id }) => id)).toEqual(["gate", "stairwell", "d1"]);
  expect([way.focus, lockIdsOf(way)]).toEqual(["L2", ["L1", "L2"]]);
});

test("a shared stairwell is shown as far as itself, with the homes behind it and no path to open as one", () => {
  const way = wayOf({ title: "t", paths: [left, right], lock: { id: "L1", door: stairwell } });
  expect(way.path).toBeUndefined();
  expect(way.doors.map(({ id }) => id)).toEqual(["gate", "stairwell"]);
  expect(way.focus).toBe("L1");
  expect(way.homes).toEqual([
    { addressId: "left", line: "left", emergencyCall: true },
    { addressId: "right", line: "right", emergencyCall: false },
  ]);
});

test("an address is the way that leads there, and the street's own is what everybody passes", () => {
  expect(wayOf({ title: "t", paths: [left, right], address: "right" })).toMatchObject({
    path: { id: "P2" },
    focus: "L3",
  });
  expect(wayOf({ title: "t", paths: [left, right], address: "street" })).toMatchObject({
    path: undefined,
    focus: "L1",
  });
});

test("two people behind one door have one way, and a lock on no way stands alone", () => {
  const other = { ...left, id: "P9" };
  expect(wayOf({ title: "t", paths: [left, other], address: "left" })).toMatchObject({ path: { id: "P1" }, homes: [] });
  const alone = wayOf({ title: "t", paths: [], lock: { id: "L1", door: stairwell } });
  expect(alone).toMatchObject({ path: undefined, focus: "L1", homes: [] });
  expect(wayOf({ title: "t", paths: [], address: "left" })).toMatchObject({ doors: [], focus: undefined });
});

test("a door of another house says where it stands, one of the same house need not", () => {
  const way = { title: "Løvstikkevej 2, 1. th, 4999 Fjordby" };
  expect(elsewhere(way, door("g", "gate", "Gåsetårnsstien 1, 4999 Fjordby", "L"))).toBe("Gåsetårnsstien 1");
  expect(elsewhere(way, door("s", "stairwell", "Løvstikkevej 2, 4999 Fjordby", "L"))).toBeUndefined();
});
