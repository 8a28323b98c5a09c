import { expect, test, vi } from "vitest";
import { UNREACHABLE, type GraphqlFailure, type Result } from "../graphql/index.ts";
import { rowsOf, withCaller, type HitRow } from "./hits.ts";
import { HotlineSearch, type Choice } from "./hotline-search.svelte.ts";

function row(key: string): HitRow {
  return { kind: "place", key, title: key, href: `/locks/${key}`, lock: undefined, more: 0, unmet: undefined };
}

function search() {
  const asked: { text: string; answer: (rows: Result<readonly HitRow[], GraphqlFailure>) => void }[] = [];
  const chosen: Choice[] = [];
  let nowMs = 1_000;
  const hotline = new HotlineSearch({
    hubMs: () => (nowMs += 1),
    ask: (text) => new Promise((answer) => asked.push({ text, answer })),
    choose: (choice) => chosen.push(choice),
  });
  const answer = async (...keys: string[]): Promise<void> => {
    asked.at(-1)?.answer({ ok: true, value: keys.map(row) });
    await vi.waitFor(() => expect(hotline.rows.map(({ key }) => key)).toEqual(keys));
  };
  return { hotline, asked, chosen, answer };
}

test("the best hit is chosen already, and Enter opens it", async () => {
  const { hotline, chosen, answer } = search();
  hotline.type("åbovej 12");
  await answer("a", "b");
  hotline.enter();
  expect(chosen).toEqual([{ kind: "hit", row: row("a") }]);
});

test("arrows go round the hits and the look-up behind them", async () => {
  const { hotline, chosen, answer } = search();
  hotline.type("åbovej");
  await answer("a", "b");
  hotline.move(-1);
  hotline.enter();
  hotline.move(1);
  hotline.move(1);
  hotline.enter();
  expect(chosen).toEqual([
    { kind: "look-up", text: "åbovej" },
    { kind: "hit", row: row("b") },
  ]);
});

test("while one answer is awaited only the newest text is asked next, and old answers never stay", async () => {
  const { hotline, asked, answer } = search();
  hotline.type("åb");
  hotline.type("åbo");
  hotline.type("åbov");
  expect(asked.map(({ text }) => text)).toEqual(["åb"]);
  asked[0]?.answer({ ok: true, value: [row("old")] });
  await vi.waitFor(() => expect(asked.map(({ text }) => text)).toEqual(["åb", "åbov"]));
  expect(hotline.isAnswered).toBe(false);
  await answer("new");
  expect(hotline.isAnswered).toBe(true);
});

test("Enter before the answer opens the best hit of what was typed then, and nothing after more was typed", async () => {
  const { hotline, chosen, asked, answer } = search();
  hotline.type("åbovej 12");
  hotline.enter();
  await answer("a");
  expect(chosen).toEqual([{ kind: "hit", row: row("a") }]);
  hotline.type("søvej");
  hotline.enter();
  hotline.type("søvej 3");
  asked.at(-1)?.answer({ ok: true, value: [row("s")] });
  await vi.waitFor(() => expect(asked.at(-1)?.text).toBe("søvej 3"));
  await answer("s3");
  expect(chosen).toHaveLength(1);
});

test("without a hit Enter looks the text up, and a failure chooses nothing", async () => {
  const { hotline, chosen, asked, answer } = search();
  hotline.type("Åse Bjørn");
  await answer();
  hotline.enter();
  expect(chosen).toEqual([{ kind: "look-up", text: "Åse Bjørn" }]);
  hotline.type("Åse Bjørns");
  hotline.enter();
  asked.at(-1)?.answer({ ok: false, failure: { kind: "unreachable", code: "UNREACHABLE", message: "" } });
  await vi.waitFor(() => expect(hotline.failure?.code).toBe("UNREACHABLE"));
  expect(chosen).toHaveLength(1);
});

test("a question that a line swallows holds the next one up for a few seconds only", async () => {
  vi.useFakeTimers();
  const asked: string[] = [];
  // A line that swallows everything, under the limit that the search gives.
  const hotline = new HotlineSearch({
    hubMs: () => 0,
    ask: (text, { limitMs }) => {
      asked.push(text);
      return new Promise((resolve) => {
        setTimeout(() => resolve({ ok: false, failure: UNREACHABLE }), limitMs);
      });
    },
    choose: () => undefined,
  });
  hotline.type("åbovej");
  hotline.type("åbovej 12");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked).toEqual(["åbovej", "åbovej 12"]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(hotline.failure?.code).toBe("UNREACHABLE");
  hotline.retry();
  expect(asked).toHaveLength(3);
  vi.useRealTimers();
});

test("text that is too short asks nothing and shows nothing", async () => {
  const { hotline, asked, answer } = search();
  hotline.type("åb");
  await answer("a");
  hotline.type("å");
  expect(hotline.rows).toEqual([]);
  hotline.enter();
  expect(asked).toHaveLength(1);
});

test("what is found is looked at anew with the keyboard on the same hit, wherever that stands now", async () => {
  const { hotline, chosen, answer } = search();
  hotline.type("åbovej");
  await answer("a", "b");
  const answeredAtMs = hotline.answeredAtMs ?? expect.unreachable();
  hotline.move(1);
  hotline.renew();
  await answer("new", "b", "a");
  expect(hotline.answeredAtMs).toBeGreaterThan(answeredAtMs);
  hotline.enter();
  expect(chosen).toEqual([{ kind: "hit", row: row("b") }]);
  // A hit that is gone gives its place to no other door.
  hotline.renew();
  await answer("new");
  hotline.enter();
  expect(chosen.at(-1)).toEqual({ kind: "look-up", text: "åbovej" });
});

test("rows that could not be looked at anew stay, as what they were", async () => {
  const { hotline, asked, answer } = search();
  hotline.type("åbovej");
  await answer("a");
  const { answeredAtMs } = hotline;
  hotline.renew();
  asked.at(-1)?.answer({ ok: false, failure: { kind: "unreachable", code: "UNREACHABLE", message: "" } });
  await vi.waitFor(() => expect(hotline.hasMissed).toBe(true));
  expect([hotline.rows.length, hotline.failure, hotline.answeredAtMs]).toEqual([1, undefined, answeredAtMs]);
  hotline.renew();
  await answer("a", "b");
  expect(hotline.hasMissed).toBe(false);
});

test("text typed while old hits are looked at anew is answered next", async () => {
  const { hotline, asked, answer } = search();
  hotline.type("åbo");
  await answer("a");
  hotline.renew();
  hotline.type("søvej");
  asked.at(-1)?.answer({ ok: true, value: [row("a2")] });
  await vi.waitFor(() => expect(asked.at(-1)?.text).toBe("søvej"));
  expect(hotline.isAnswered).toBe(false);
  await answer("s");
  expect([hotline.isAnswered, hotline.active]).toEqual([true, 0]);
});

test("nothing is looked at anew where nothing was found out", async () => {
  const { hotline, asked } = search();
  hotline.renew();
  hotline.type("åbovej");
  hotline.renew();
  asked.at(-1)?.answer({ ok: false, failure: { kind: "forbidden", code: "FORBIDDEN", message: "" } });
  await vi.waitFor(() => expect(hotline.failure?.code).toBe("FORBIDDEN"));
  hotline.renew();
  expect(asked).toHaveLength(1);
});

test("the caller goes along in the fragment only", () => {
  expect(withCaller("/locks/1", "")).toBe("/locks/1");
  expect(withCaller("/locks/1", "47 11&x")).toBe("/locks/1#caller=47+11%26x");
});

test("an employee is a row of its own", () => {
  const person = { externalId: "4711", name: "Åse", active: true, department: null, provider: null };
  expect(rowsOf([{ __typename: "PersonHit", person }])).toEqual([{ kind: "person", key: "person-4711", person }]);
});

test("behind a person stands the way to block a device, for viewers who may, and nothing is blocked by Enter alone", async () => {
  const person = { externalId: "4711", name: null, active: true, department: null, provider: null };
  const rows = rowsOf([{ __typename: "PersonHit", person }], true);
  expect(rows.map(({ kind }) => kind)).toEqual(["person", "block"]);
  const { hotline, asked, chosen } = search();
  hotline.type("4711");
  asked[0]?.answer({ ok: true, value: rows });
  await vi.waitFor(() => expect(hotline.rows).toHaveLength(2));
  hotline.enter();
  hotline.move(1);
  hotline.enter();
  expect(chosen.map((choice) => choice.kind === "hit" && choice.row.kind)).toEqual(["person", "block"]);
});

test("a home that isn't there chooses no other one: Enter opens nothing until the arrows have chosen", async () => {
  const { hotline, chosen, asked } = search();
  const near = (key: string): HitRow => ({
    kind: "place",
    key,
    title: key,
    href: `/locks/${key}`,
    lock: undefined,
    more: 0,
    unmet: "99",
  });
  const rows = [near("a"), near("b")];
  hotline.type("kaperhusparken 99");
  hotline.enter();
  asked[0]?.answer({ ok: true, value: rows });
  await vi.waitFor(() => expect(hotline.unmet).toBe("99"));
  hotline.enter();
  hotline.renew();
  asked[1]?.answer({ ok: true, value: rows.toReversed() });
  await vi.waitFor(() => expect(hotline.rows[0]?.key).toBe("b"));
  hotline.enter();
  expect([chosen, hotline.active]).toEqual([[], -1]);
  hotline.move(1);
  hotline.enter();
  expect(chosen).toEqual([{ kind: "hit", row: near("b") }]);
  hotline.type("kaperhusparken 98");
  asked[2]?.answer({ ok: true, value: rows });
  await vi.waitFor(() => expect(hotline.isAnswered).toBe(true));
  hotline.move(-1);
  hotline.enter();
  expect(chosen.at(-1)).toEqual({ kind: "look-up", text: "kaperhusparken 98" });
});
