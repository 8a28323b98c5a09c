import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { fillSmallTown } from "../simulation/rights-database.ts";
import { publicIdOf } from "../simulation/rights-world.ts";
import { CredentialNames } from "./credential-names.ts";

let db: MigratedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
  await fillSmallTown(db.database);
});
afterAll(() => db.drop());

test("a credential is read once, one that does not exist each time, and the oldest name gives way", async () => {
  const { tables } = db.database;
  const select = vi.spyOn(tables, "select");
  const readings = async (publicId: string): Promise<number> => {
    const before = select.mock.calls.length;
    await names.find(publicId);
    return select.mock.calls.length - before;
  };
  const names = new CredentialNames(tables, 2);
  const [first, second, third] = [1, 2, 3].map((id) => publicIdOf("cred", id));
  if (first === undefined || second === undefined || third === undefined) return expect.unreachable();

  expect(await names.find(first)).toEqual({ id: 1, person: 1 });
  expect(await readings(first)).toBe(0);
  expect(await names.find(publicIdOf("cred", 999))).toBeUndefined();
  expect(await readings(publicIdOf("cred", 999))).toBe(1);

  expect([await readings(second), await readings(third), names.size]).toEqual([1, 1, 2]);
  expect(await readings(first)).toBe(1);
  expect(await readings(third)).toBe(0);
});
