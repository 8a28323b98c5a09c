import { createHash, createPublicKey, verify } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";

/** The token that may offer codes. */
export const ADMIN_TOKEN = "admin-token-of-a-coordinator";
const Body = z.object({ query: z.string(), variables: z.object({ input: z.looseObject({}).optional() }).loose() });
const Enrolment = z.object({ code: z.string(), publicKey: z.string() });
const Opening = z.object({ idempotencyKey: z.string(), target: z.record(z.string(), z.string()) });
const Claims = z.strictObject({ iat: z.number(), ath: z.string(), bd: z.string() });

/** How the stand-in answers openings, one after the other: a state, `!CODE` for a failure, `hangUp`, `503`. */
type Script = (target: Readonly<Record<string, string>>, count: number) => string;

/** A hub that keeps to the API's rules of enrolment and proof, and opens by script. */
export class StandInHub {
  readonly openings: z.infer<typeof Opening>[] = [];
  readonly phones = new Map<string, { readonly publicKey: string; readonly employee: string }>();
  script: Script = () => "OPENED";
  codes = new Map<string, string>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async listen(): Promise<string> {
    if (this.#server.listening) return this.#url();
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return this.#url();
  }

  #url(): string {
    const address = z.object({ port: z.number() }).parse(this.#server.address());
    return `http://127.0.0.1:${address.port}/graphql`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  endSessions(): void {
    this.phones.clear();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(z.instanceof(Uint8Array).parse(chunk));
    const body = Buffer.concat(chunks);
    const answer = this.#answer(request, body);
    if (answer === "hangUp") return void request.socket.destroy();
    response.writeHead(answer === "503" ? 503 : 200, { "content-type": "application/json" });
    response.end(answer === "503" ? "busy" : JSON.stringify(answer));
  }

  #answer(request: IncomingMessage, body: Buffer): object | string {
    const { query, variables } = Body.parse(JSON.parse(body.toString()));
    const token = (request.headers.authorization ?? "").replace("Bearer ", "");
    const { input } = variables;
    const session = (request.headers.cookie ?? "").replace("portner=", "");
    if (query.includes("issueEnrolmentCode(")) return this.#issue(session, String(input?.employee));
    if (query.includes("enrolPhone(")) return this.#enrol(Enrolment.parse(input));
    const refusal = this.#refusal(request, token, body);
    if (refusal !== undefined) return { data: null, errors: [{ message: "", extensions: { code: refusal } }] };
    if (query.includes("openDoor(")) return this.#open(Opening.parse(input));
    return this.#paths(token, z.object({ after: z.string().nullable() }).parse(variables).after);
  }

  #refusal(request: IncomingMessage, token: string, body: Buffer): string | undefined {
    const phone = this.phones.get(token);
    if (phone === undefined) return "SESSION_EXPIRED";
    const [part = "", signature = ""] = String(request.headers["portner-proof"]).split(".");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: phone.publicKey }, format: "jwk" });
    if (!verify(null, Buffer.from(`proof.${part}`), key, Buffer.from(signature, "base64url"))) return "BAD_PROOF";
    const claims = Claims.parse(JSON.parse(Buffer.from(part, "base64url").toString()));
    const digest = (content: string | Buffer): string => createHash("sha256").update(content).digest("base64url");
    const isRight =
      claims.ath === digest(token) && claims.bd === digest(body) && Math.abs(claims.iat - this.#now()) < 5_000;
    return isRight ? undefined : "BAD_PROOF";
  }

  #issue(token: string, employee: string): object {
    const code = `CODE-${this.codes.size}`;
    if (token === ADMIN_TOKEN) this.codes.set(code, employee);
    const error = { errorCode: "FORBIDDEN", message: "not allowed" };
    return { data: { issueEnrolmentCode: token === ADMIN_TOKEN ? { code } : error } };
  }

  #enrol({ code, publicKey }: z.infer<typeof Enrolment>): object {
    const employee = this.codes.get(code) ?? "";
    const token = `phone-token-${this.codes.size}-${employee}`;
    this.phones.set(token, { publicKey, employee });
    const expiresAt = new Date(this.#now() + 12 * 3_600_000).toISOString();
    return { data: { enrolPhone: { token, expiresAt, credentialId: `cred-${employee}` } } };
  }

  /** Everybody whose id is even has 201 paths; the others have none. */
  #paths(token: string, after: string | null): object {
    const employee = this.phones.get(token)?.employee ?? "";
    const count = Number(employee.slice(2)) % 2 === 0 ? 201 : 0;
    const from = Number(after ?? "0");
    const edges = Array.from({ length: Math.min(200, count - from) }, (_, at) => {
      const doors = [
        { kind: "STAIRWELL", lock: null },
        { kind: "FLAT", lock: { id: `lock-${from + at}` } },
      ];
      return { node: { id: `${employee}-${from + at}`, doors } };
    });
    const pageInfo = { hasNextPage: from + 200 < count, endCursor: String(from + 200) };
    return { data: { myPaths: { edges, pageInfo } } };
  }

  #open(opening: z.infer<typeof Opening>): object | string {
    this.openings.push(opening);
    const says = this.script(opening.target, this.openings.length);
    if (says === "hangUp" || says === "503") return says;
    const error = { errorCode: says.slice(1), message: "" };
    return { data: { openDoor: says.startsWith("!") ? error : { state: says } } };
  }
}
