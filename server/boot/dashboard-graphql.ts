import { Buffer } from "node:buffer";
import { IncomingMessage, ServerResponse, type OutgoingHttpHeaders } from "node:http";
import type { GraphqlEndpoint } from "../graphql/endpoint.ts";

/** Headers of the visitor's own request that say who and where he is. */
const PASSED_ON = ["host", "x-forwarded-for"];

/** A request of a page's server side, on the visitor's own connection, so that it has his address and his encryption. */
class InnerRequest extends IncomingMessage {
  constructor(outer: IncomingMessage, asked: Request, body: Buffer) {
    super(outer.socket);
    this.method = asked.method;
    this.url = "/graphql";
    this.headers = { ...headersOf(asked), "content-length": String(body.length) };
    for (const name of PASSED_ON) {
      const value = outer.headers[name];
      if (value !== undefined) this.headers[name] = value;
    }
    this.complete = true;
    this.push(body);
    this.push(null);
  }

  // The body is here already; the visitor's connection is not to be read or closed.
  override _read(): void {}

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    callback(error);
  }
}

/** Keeps what is answered instead of sending it. */
class InnerResponse extends ServerResponse {
  readonly answered: Promise<Response>;
  readonly #resolve: (response: Response) => void;
  readonly #chunks: Uint8Array[] = [];
  #status = 200;
  #headers: OutgoingHttpHeaders = {};

  constructor(request: IncomingMessage) {
    super(request);
    const { promise, resolve } = Promise.withResolvers<Response>();
    this.answered = promise;
    this.#resolve = resolve;
  }

  override writeHead(status: number, headers?: unknown): this {
    this.#status = status;
    if (isHeaders(headers)) this.#headers = headers;
    return this;
  }

  override flushHeaders(): void {}

  override write(chunk: unknown): boolean {
    this.#keep(chunk);
    return true;
  }

  override end(chunk?: unknown): this {
    this.#keep(chunk);
    const headers = new Headers();
    for (const [name, value] of Object.entries(this.#headers)) {
      for (const each of [value ?? []].flat()) headers.append(name, String(each));
    }
    this.#resolve(new Response(Buffer.concat(this.#chunks), { status: this.#status, headers }));
    this.emit("close");
    return this;
  }

  #keep(chunk: unknown): void {
    if (typeof chunk === "string") this.#chunks.push(Buffer.from(chunk));
    else if (chunk instanceof Uint8Array) this.#chunks.push(chunk);
  }
}

/** Answers a page's GraphQL request in this process, as whoever sent `outer`. */
export async function answerInProcess(
  endpoint: GraphqlEndpoint,
  outer: IncomingMessage,
  asked: Request,
): Promise<Response> {
  const request = new InnerRequest(outer, asked, Buffer.from(await asked.arrayBuffer()));
  const response = new InnerResponse(request);
  await endpoint.handle(request, response);
  return response.answered;
}

function headersOf(asked: Request): Record<string, string> {
  return Object.fromEntries(asked.headers);
}

function isHeaders(value: unknown): value is OutgoingHttpHeaders {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
