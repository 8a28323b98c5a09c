import type { IncomingMessage, ServerResponse } from "node:http";
import { isUnavailable } from "../kernel/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { fail, type Result } from "../kernel/result.ts";
import type { Admission } from "./allowance/admission.ts";
import { STRANGERS_LIMIT, type Strangers } from "./allowance/strangers.ts";
import type { Authenticate, Presented } from "./authentication.ts";
import { readBody, type BodyFailure } from "./body.ts";
import type { Caller } from "./caller.ts";
import type { Engine } from "./engine.ts";
import type { RequestLimits } from "./limits.ts";
import { provenance, type AllowedOrigins } from "./origin.ts";
import { plainRequest, type PlainAnswers } from "./plain-answer.ts";
import { refuse, send, sendPlain, type Refusal } from "./reply.ts";
import type { Sight } from "./sight.ts";

/** What the HTTP side needs. */
export interface HttpDeps {
  readonly engine: Engine;
  readonly plain: PlainAnswers;
  readonly authenticate: Authenticate<Caller>;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: RequestLimits;
  readonly allowedOrigins: AllowedOrigins;
  /** Whether the client's way to us is encrypted, up to a trusted proxy. */
  readonly secure: (request: IncomingMessage) => boolean;
  /** The client's network address, up to a trusted proxy. */
  readonly address: (request: IncomingMessage) => string;
  readonly sight: Pick<Sight, "lost">;
  readonly strangers: Strangers;
  readonly admission: Pick<Admission, "hasCharged" | "refuse">;
}

/** No journal, no answer about who somebody is. */
export const JOURNAL_AWAY: Refusal = {
  status: 503,
  code: "JOURNAL_UNAVAILABLE",
  message: "the journal is away; nothing was done",
};
const FOREIGN: Refusal = { status: 403, code: "FOREIGN_ORIGIN", message: "calls from this origin are not allowed" };

const BODY_REFUSALS: Readonly<Record<Exclude<BodyFailure, "BROKEN_OFF">, Refusal>> = {
  TOO_LARGE: { status: 413, code: "LIMIT_EXCEEDED", message: "the request's body is too large" },
  TOO_SLOW: { status: 408, code: "TIMEOUT", message: "the request's body took too long" },
};

/** Answers one request to `/graphql`: POST, GET, and SSE for either. Never rejects. */
export async function handleHttp(deps: HttpDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const early = refusedByHeaders(deps, request);
    if (early !== undefined) return refuse(request, response, await chargedToAddress(deps, request, early));
    const body = request.method === "POST" ? await readBody(request, deps.limits, deps.clock) : undefined;
    if (body?.ok === false) {
      if (body.failure === "BROKEN_OFF") return;
      return refuse(request, response, await chargedToAddress(deps, request, BODY_REFUSALS[body.failure]));
    }
    await answer(deps, request, response, body?.value);
  } catch (error) {
    const away = isUnavailable(error);
    if (!away) deps.log.error({ type: error instanceof Error ? error.name : typeof error }, "a request broke off");
    if (response.headersSent) response.destroy();
    else refuse(request, response, away ? JOURNAL_AWAY : { status: 500, code: "INTERNAL", message: "something broke" });
  }
}

function refusedByHeaders(deps: HttpDeps, request: IncomingMessage): Refusal | undefined {
  if (request.method !== "POST" && request.method !== "GET") {
    const headers = { allow: "GET, POST" };
    return { status: 405, code: "METHOD_NOT_ALLOWED", message: "ask with GET or POST", headers };
  }
  if (provenance(request, deps.allowedOrigins) === "foreign") return FOREIGN;
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (request.method === "POST" && type !== "application/json") {
    return { status: 415, code: "UNSUPPORTED_MEDIA_TYPE", message: "post `application/json`" };
  }
  return undefined;
}

/**
 * What is refused before anybody looked who it is from is charged by its address, but not to whoever is nobody there: any
 * foreign page may ask here all day, and nobody else in its network, as a town's, could sign in any more.
 */
async function chargedToAddress(deps: HttpDeps, request: IncomingMessage, refusal: Refusal): Promise<Refusal> {
  const [secure, address] = [deps.secure(request), deps.address(request)];
  const nobody = await deps.authenticate({ header: () => undefined, body: new Uint8Array(), secure, address });
  if (!nobody.ok) return refusal;
  const transport = { kind: "http", secure, address, setCookie: () => undefined } as const;
  const principal = { ...nobody.value, key: `refused ${nobody.value.key}` };
  const away = deps.admission.refuse({ principal, transport });
  return away === undefined ? refusal : tooMuch("too much was asked", away);
}

async function answer(
  deps: HttpDeps,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer | undefined,
): Promise<void> {
  const header = (name: string): string | undefined => request.headers[name]?.toString();
  const secure = deps.secure(request);
  const address = deps.address(request);
  const askedAt = deps.clock.monotonic();
  const who = await identify(deps, { header, body: body ?? new Uint8Array(), secure, address });
  if (!who.ok) return refuse(request, response, who.failure);
  const principal = who.value;
  // A cookie comes along by itself, so such a POST must prove that the page behind it is ours.
  if (principal.ambient && request.method === "POST" && provenance(request, deps.allowedOrigins) !== "own") {
    return refuse(request, response, FOREIGN);
  }
  const cookies: string[] = [];
  const setCookie = (value: string): void => void cookies.push(value);
  const context = { principal, transport: { kind: "http", secure, address, setCookie }, askedAt } as const;
  const accept = header("accept") ?? "application/json";
  const plain = body === undefined ? undefined : plainRequest(accept, body);
  if (plain !== undefined) {
    return sendPlain(response, await deps.plain.answer(plain, { ...context, gone: NEVER }), cookies);
  }
  const lost = accept.includes("text/event-stream") ? [deps.sight.lost] : [];
  if (lost.some(({ aborted }) => aborted)) return refuse(request, response, JOURNAL_AWAY);
  const init = {
    method: request.method ?? "GET",
    headers: { accept, "content-type": header("content-type") ?? "" },
    ...(body === undefined ? {} : { body: body.toString("utf8") }),
  };
  const url = `http://hub${request.url ?? "/graphql"}`;
  const gone = goneSignal(response, [principal.ended, ...lost]);
  const answered = await deps.engine.fetch(url, init, { ...context, gone });
  // A body that holds no operation never comes to where operations are charged.
  const away = deps.admission.hasCharged(context.transport) ? undefined : deps.admission.refuse(context);
  if (away !== undefined) return refuse(request, response, tooMuch("too much was asked", away));
  await send(response, answered, cookies);
}

async function identify({ authenticate, strangers }: HttpDeps, presented: Presented): Promise<Result<Caller, Refusal>> {
  const { address } = presented;
  const waitMs = strangers.waitMs(address);
  const who = await authenticate({ ...presented, rememberedOnly: waitMs > 0 });
  if (who.ok) {
    if (who.value.stranger === true) strangers.stale(address);
    return who;
  }
  if (waitMs > 0) {
    strangers.turnedAway();
    return fail(tooMuch("too many wrong credentials came from this network", { limit: STRANGERS_LIMIT, waitMs }));
  }
  strangers.failed(address);
  return fail({ status: 401, ...who.failure, headers: { "www-authenticate": "Bearer" } });
}

function tooMuch(what: string, { limit, waitMs }: { readonly limit: string; readonly waitMs: number }): Refusal {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return {
    status: 429,
    code: "RATE_LIMITED",
    message: `${what}; try again in ${seconds} s`,
    extensions: { limit, retryAfterMs: waitMs },
    headers: { "retry-after": String(seconds) },
  };
}

/** What is answered at once is answered to its end, whoever has hung up. */
const NEVER = new AbortController().signal;

/** Aborts when the client has hung up or its right to be here has ended; what is live then ends its answer. */
function goneSignal(response: ServerResponse, ends: readonly AbortSignal[]): AbortSignal {
  const hungUp = new AbortController();
  response.once("close", () => hungUp.abort());
  return AbortSignal.any([hungUp.signal, ...ends]);
}
