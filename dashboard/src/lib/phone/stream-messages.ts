const DATA = "data:";

/** The messages of a stream of events (SSE), whole, wherever the network has cut it. Comments and bare names are none. */
export async function* messagesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<unknown> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = `${rest}${value}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const data = line.startsWith(DATA) ? line.slice(DATA.length).trim() : "";
        if (data !== "") yield JSON.parse(data);
      }
    }
  } finally {
    // Whoever has heard enough ends the stream too, or the hub would go on telling nobody.
    reader.cancel().catch(() => undefined);
  }
}
