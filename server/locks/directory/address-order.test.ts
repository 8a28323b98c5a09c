import { expect, test } from "vitest";
import { byAddress } from "./address-order.ts";

test("streets come in the Danish order, houses by number, doors of a house inwards and upwards", () => {
  const sorted = [
    ["gate", "Abelsvej 1, 4999 Fjordby"],
    ["stairwell", "Abelsvej 2, 4999 Fjordby"],
    ["flat", "Abelsvej 2, st tv, 4999 Fjordby"],
    ["flat", "Abelsvej 2, 1. th, 4999 Fjordby"],
    ["flat", "Abelsvej 2, 1. tv, 4999 Fjordby"],
    ["flat", "Abelsvej 2, 10. th, 4999 Fjordby"],
    ["flat", "Abelsvej 10, 4999 Fjordby"],
    ["flat", "Zebravej 1, 4999 Fjordby"],
    ["flat", "Æblevej 1, 4999 Fjordby"],
    ["flat", "Østervej 1, 4999 Fjordby"],
    ["flat", "Ågade 1, 4999 Fjordby"],
    ["flat", "Aagade 2, 4999 Fjordby"],
  ] as const;
  const places = sorted.map(([doorKind, addressText], lock) => ({ lock, doorKind, addressText }));
  expect(places.toReversed().toSorted(byAddress)).toEqual(places);
});
