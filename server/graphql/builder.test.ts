import { graphql, type ExecutionResult } from "graphql";
import { expect, test } from "vitest";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { exampleCaller, exampleSchema, type ExampleCaller } from "../simulation/example-graphql.ts";
import { createMask } from "./errors.ts";
import { fieldsWithoutRule, nodesWithInheritedRule } from "./rules.ts";
import { globalIdText } from "./scalars.ts";
import { emitSdl } from "./sdl.ts";

const schema = exampleSchema({ ticks: async function* () {}, slow: () => Promise.resolve("done") });
const mask = createMask({ log: silentLog, random: systemRandom });

async function ask(source: string, caller: ExampleCaller = exampleCaller()): Promise<ExecutionResult> {
  const contextValue = { principal: caller, transport: { kind: "socket", secure: true, address: "::1" } };
  return await graphql({ schema, source, contextValue });
}

async function codeOf(source: string, caller?: ExampleCaller): Promise<unknown> {
  const { errors } = await ask(source, caller);
  return errors?.map((error) => mask(error).extensions.code)[0];
}

function open(how: string, caller?: ExampleCaller): Promise<ExecutionResult> {
  return ask(
    `mutation { open(how: "${how}") { __typename ... on OpenSuccess { door } ... on UserError { code path } } }`,
    caller,
  );
}

test("a mutation's failures are members of its payload union, with code and path", async () => {
  expect((await open("well")).data).toEqual({ open: { __typename: "OpenSuccess", door: "d1" } });
  expect((await open("missing")).data).toEqual({ open: { __typename: "NotFoundError", code: "NOT_FOUND", path: [] } });
  const conflict = { __typename: "ConflictError", code: "IDEMPOTENCY_CONFLICT", path: ["idempotencyKey"] };
  expect((await open("conflict")).data).toEqual({ open: conflict });
  const offline = { __typename: "LockUnreachableError", code: "LOCK_OFFLINE", path: [] };
  expect((await open("offline")).data).toEqual({ open: offline });
  const away = { __typename: "UnavailableError", code: "JOURNAL_UNAVAILABLE", path: [] };
  expect((await open("journal")).data).toEqual({ open: away });
});

test("a refused caller of a mutation gets the refusal as a member of the union", async () => {
  const refused = await open("well", exampleCaller({ operations: [] }));
  expect(refused.data).toEqual({ open: { __typename: "ForbiddenError", code: "FORBIDDEN", path: [] } });
  const nobody = await open("well", exampleCaller({ anonymous: true, operations: [] }));
  expect(nobody.data).toEqual({ open: { __typename: "ForbiddenError", code: "UNAUTHENTICATED", path: [] } });
});

test("queries carry the same codes in their errors", async () => {
  expect(await codeOf("{ me }", exampleCaller({ anonymous: true }))).toBe("UNAUTHENTICATED");
  expect(await codeOf("{ blocks }")).toBe("FORBIDDEN");
  expect(await codeOf(`{ fail(how: "journal") }`)).toBe("JOURNAL_UNAVAILABLE");
  expect(await codeOf(`{ fail(how: "missing") }`)).toBe("NOT_FOUND");
});

test("an unforeseen error leaves as INTERNAL with an id and nothing of its text", async () => {
  const { errors } = await ask(`{ fail(how: "mishap") }`);
  const masked = errors?.map(mask)[0];
  expect(masked?.extensions).toMatchObject({ code: "INTERNAL", id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(JSON.stringify(masked)).not.toContain("hunter2");
});

test("an instant needs an offset, a cursor comes from an earlier answer, an id too", async () => {
  expect((await ask(`{ at(at: "2026-10-25T02:30:00+01:00") }`)).data).toEqual({ at: "2026-10-25T01:30:00.000Z" });
  expect((await ask(`{ at(at: "2026-10-25T02:30:00") }`)).errors).toHaveLength(1);
  expect((await ask(`{ cursor(after: "j1.42") }`)).data).toEqual({ cursor: "j1.42" });
  expect((await ask(`{ cursor(after: "42") }`)).errors).toHaveLength(1);
  const id = globalIdText("Door", "d7");
  expect((await ask(`{ node(id: "${id}") { id ... on Door { name } } }`)).data).toEqual({
    node: { id, name: "door d7" },
  });
  expect(await codeOf(`{ node(id: "nonsense") { id } }`)).toBe("INVALID_INPUT");
});

test("a page holds at most 200; 201 is an error with a path, not a shorter page", async () => {
  const page = await ask("{ doors(first: 200) { edges { node { name } } } }");
  expect(page.errors).toBeUndefined();
  expect(JSON.stringify(page.data).match(/door /g)).toHaveLength(200);
  const { errors } = await ask("{ doors(first: 201) { edges { cursor } } }");
  expect(errors?.map(mask)[0]?.extensions).toEqual({ code: "INVALID_INPUT", inputPath: ["first"] });
});

test("an operation costs its fields times the pages around them, and 5,000 is the most", async () => {
  const fields = (count: number): string => Array.from({ length: count }, (_, i) => `f${i}: name`).join(" ");
  const of = (count: number): string => `{ doors(first: 200) { edges { node { ${fields(count)} } } } }`;
  expect(await codeOf(of(21))).toBeUndefined();
  expect(await codeOf(of(23))).toBe("TOO_COSTLY");
});

test("every field of a schema built by the rules has a rule, and one without is found", async () => {
  expect(fieldsWithoutRule(schema)).toEqual([]);
  expect(nodesWithInheritedRule(schema)).toEqual([]);
});

test("the emitted schema is the same text every time and holds the contract's names", () => {
  const sdl = emitSdl(schema);
  expect(sdl).toBe(emitSdl(schema));
  expect(sdl).toContain(
    "union OpenPayload = ConflictError | ForbiddenError | InvalidInputError | LockUnreachableError",
  );
  expect(sdl).toContain("doors(after: String, before: String, first: Int, last: Int): QueryDoorsConnection!");
});
