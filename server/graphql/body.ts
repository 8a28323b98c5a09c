import type { IncomingMessage } from "node:http";
import type { Clock } from "../kernel/clock.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import type { RequestLimits } from "./limits.ts";

/** Why a body was not taken. */
export type BodyFailure = "TOO_LARGE" | "TOO_SLOW" | "BROKEN_OFF";

/** Reads a request's body and stops in the middle as soon as it is too large or too slow. */
export function readBody(
  request: IncomingMessage,
  limits: Pick<RequestLimits, "bodyBytes" | "bodyReadMs">,
  clock: Clock,
): Promise<Result<Buffer, BodyFailure>> {
  if (Number(request.headers["content-length"] ?? 0) > limits.bodyBytes) return Promise.resolve(fail("TOO_LARGE"));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (result: Result<Buffer, BodyFailure>): void => {
      cancel();
      request.pause();
      request.removeListener("data", onData).removeListener("end", onEnd);
      request.removeListener("error", onBreak).removeListener("close", onBreak);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limits.bodyBytes) settle(fail("TOO_LARGE"));
      else chunks.push(chunk);
    };
    const onEnd = (): void => settle(ok(Buffer.concat(chunks)));
    const onBreak = (): void => settle(fail("BROKEN_OFF"));
    const cancel = clock.after(limits.bodyReadMs, () => settle(fail("TOO_SLOW")));
    request.on("data", onData).on("end", onEnd).on("error", onBreak).on("close", onBreak);
  });
}
