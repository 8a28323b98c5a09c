import { expect, test, vi } from "vitest";
import { messagesOf } from "./stream-messages.ts";

const STREAM =
  ':\n\nevent: next\ndata: {"data":{"name":"Ærø"}}\n\n:\n\nevent: next\ndata:{"data":2}\n\nevent: complete\ndata\n\n';

async function read(pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<unknown[]> {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  return Array.fromAsync(messagesOf(body));
}

test("messages are whole wherever the network cuts the stream, in a letter too", async () => {
  const bytes = new TextEncoder().encode(STREAM);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    expect(await read([bytes.slice(0, cut), bytes.slice(cut)])).toEqual([{ data: { name: "Ærø" } }, { data: 2 }]);
  }
});

test("byte by byte comes to the same", async () => {
  const bytes = new TextEncoder().encode(STREAM);
  expect(await read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toHaveLength(2);
});

test("a reader that has heard enough ends the stream", async () => {
  let reason: unknown = "none";
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(STREAM)),
    cancel: (why) => void (reason = why),
  });
  for await (const _ of messagesOf(body)) break;
  await vi.waitFor(() => expect(reason).toBeUndefined());
});

test("a message that was cut off for good is none", async () => {
  expect(await read([new TextEncoder().encode('data: {"data":1}\n\ndata: {"da')])).toEqual([{ data: 1 }]);
});
