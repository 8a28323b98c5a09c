import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  buildSchema,
  findBreakingChanges,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  parse,
  validate,
  type GraphQLSchema,
} from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RESERVED_PRICE_MAX } from "../graphql/allowance/admission.ts";
import { Quotes } from "../graphql/allowance/quotes.ts";
import { fieldsWithoutRule, nodesWithInheritedRule } from "../graphql/rules.ts";
import { emitSdl } from "../graphql/sdl.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { offlineSchema } from "./offline-schema.ts";

const SDL = "schema/graphql/schema.graphql";
const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

let db: MigratedDatabase;
let schema: GraphQLSchema;

beforeAll(async () => {
  db = await migratedDatabase();
  schema = await offlineSchema(db.url);
});
afterAll(() => db.drop());

/** A root field as `name(arguments): type`. */
function shapeOf(root: "Query" | "Mutation" | "Subscription", name: string): string {
  const type = schema.getType(root);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  const given = field?.args.map((each) => `${each.name}: ${each.type}`).join(", ") ?? "";
  return `${name}(${given}): ${field?.type}`;
}

test("every field has a rule, and no node only claims one", () => {
  expect(fieldsWithoutRule(schema)).toEqual([]);
  expect(nodesWithInheritedRule(schema)).toEqual([]);
});

test("the names that stay are there, in their shapes", () => {
  const page = "after: String, before: String";
  const shapes = [
    ["Query", "node(id: ID!): Node"],
    ["Query", "viewer(): Viewer"],
    ["Query", "search(first: Int, text: String!): [SearchHit!]!"],
    ["Query", "lock(by: LockBy!): Lock!"],
    ["Query", `locks(${page}, filter: LockFilter, first: Int, last: Int): QueryLocksConnection!`],
    ["Query", "decide(input: DecideInput!): Decision!"],
    ["Query", `journal(${page}, filter: JournalFilter, first: Int, last: Int): QueryJournalConnection!`],
    ["Mutation", "openDoor(input: OpenDoorInput!): OpenDoorPayload!"],
    ["Mutation", "blockCredential(input: BlockCredentialInput!): BlockCredentialPayload!"],
    ["Mutation", "unblockCredential(input: UnblockCredentialInput!): UnblockCredentialPayload!"],
    ["Subscription", "doorEvents(after: Cursor, filter: DoorEventFilter): DoorEventEdge!"],
    ["Subscription", "commandChanged(id: ID!): Operation!"],
    ["Subscription", "lockChanged(filter: LockFilter): LockChange!"],
  ] as const;
  // Arguments in the order of their names: that they are there counts, not who was first.
  const sorted = (shape: string): string =>
    shape.replace(/\((.*)\)/, (_, given: string) => `(${given.split(", ").toSorted().join(", ")})`);
  for (const [root, shape] of shapes) {
    expect(sorted(shapeOf(root, shape.split("(", 1)[0] ?? ""))).toBe(sorted(shape));
  }
});

test("a lock or a target is named in exactly one way", () => {
  for (const [name, ways] of [
    ["LockBy", ["external", "id", "serial"]],
    ["OpenTarget", ["lock", "path"]],
  ] as const) {
    const type = schema.getType(name);
    expect([name, isInputObjectType(type) && type.isOneOf]).toEqual([name, true]);
    expect(isInputObjectType(type) ? Object.keys(type.getFields()).toSorted() : []).toEqual(ways);
  }
});

test("a door event comes with its cursor, whether it was replayed, and the gap before it", () => {
  const edge = schema.getType("DoorEventEdge");
  const fields = isObjectType(edge) ? Object.values(edge.getFields()) : [];
  const shown = fields.map(({ name, type }) => `${name}: ${type}`).toSorted();
  expect(shown).toEqual(["cursor: Cursor!", "gap: JournalGap", "node: DoorEvent", "replayed: Boolean!"]);
  const event = schema.getType("DoorEvent");
  expect(isInterfaceType(event) ? schema.getPossibleTypes(event).length : 0).toBeGreaterThan(10);
});

test("every mutation answers a union of its success and of errors, which all implement UserError", () => {
  const userError = schema.getType("UserError");
  const errors = isInterfaceType(userError) ? schema.getPossibleTypes(userError).map(({ name }) => name) : [];
  const common = ["ConflictError", "ForbiddenError", "InvalidInputError", "NotFoundError", "UnavailableError"];
  expect(errors).toEqual(expect.arrayContaining([...common, "AccessDeniedError", "LockUnreachableError"]));
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const capital = `${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`;
    expect(String(field.type)).toBe(`${capital}Payload!`);
    const union = schema.getType(`${capital}Payload`);
    const members = isUnionType(union) ? union.getTypes().map(({ name }) => name) : [];
    expect(members).toEqual(expect.arrayContaining([`${capital}Success`, ...common]));
    expect(members.filter((name) => name !== `${capital}Success` && !errors.includes(name))).toEqual([]);
  }
});

test("the committed SDL is the server's own", () => {
  expect(readFileSync(`${REPOSITORY}/${SDL}`, "utf8")).toBe(emitSdl(schema));
});

test("nothing that the last release had is broken", () => {
  const released = lastReleased();
  // Before the first release there is nothing to break.
  const changes = released === undefined ? [] : findBreakingChanges(buildSchema(released), schema);
  expect(changes.map(({ description }) => description)).toEqual([]);
});

/** The SDL of the newest tag before this commit. */
function lastReleased(): string | undefined {
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", REPOSITORY, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  try {
    return git("show", `${git("describe", "--tags", "--abbrev=0").trim()}:${SDL}`);
  } catch {
    return undefined;
  }
}

/** The documents within a source of the dashboard, one after the other. */
function documentsIn(path: string): readonly string[] {
  const source = readFileSync(`${REPOSITORY}${path}`, "utf8");
  return [...source.matchAll(/`([^`]*)`/g)].map(([, text = ""]) => text);
}

test("the dashboard's own block is cheap enough for the lane that is reserved for blocks", () => {
  const documents = documentsIn("dashboard/src/lib/blocking/documents.ts");
  const block = documents.find((text) => text.includes("mutation BlockDevice"));
  const state = documents.find((text) => text.includes("fragment BlockState"));
  const document = parse(`${block}\n${state}`);
  expect(validate(schema, document)).toEqual([]);
  const variableValues = { input: { credential: "x", reason: "lost" } };
  const { price, reserved } = new Quotes(schema).of({ document, variableValues });
  expect(reserved).toBe(true);
  expect(price).toBeGreaterThan(1);
  expect(price).toBeLessThan(RESERVED_PRICE_MAX / 2);
});
