import type { Socket } from "node:net";

/**
 * Lets a reader have one chunk of a socket in a turn of the event loop, and calls it again for the rest. The broker
 * library reads on as soon as a packet is done, which may be within the parsing of the chunk before: its parser would
 * then be entered twice and lose its place, and the stack would grow with every chunk that waits.
 */
export function paceReads(socket: Socket): void {
  const read = socket.read.bind(socket);
  let hasRead = false;
  let wantsMore = false;

  function nextTurn(): void {
    hasRead = false;
    if (!wantsMore) return;
    wantsMore = false;
    socket.emit("readable");
  }

  socket.read = (size?: number) => {
    if (hasRead) {
      wantsMore = true;
      return null;
    }
    const chunk: unknown = read(size);
    if (chunk !== null) {
      hasRead = true;
      setImmediate(nextTurn);
    }
    return chunk;
  };
}
