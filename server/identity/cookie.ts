/** A session's life. */
export const SESSION_LIFE_MS = 12 * 3_600_000;

/** `__Host-` binds the cookie to this very host over TLS; plain loopback http can't have it. */
const SECURE_NAME = "__Host-portner";
const PLAIN_NAME = "portner";

/** The `Set-Cookie` that hands a browser its session; an empty token takes it away. */
export function sessionCookie(token: string, secure: boolean): string {
  const age = token === "" ? 0 : SESSION_LIFE_MS / 1_000;
  const name = secure ? SECURE_NAME : PLAIN_NAME;
  return `${name}=${token}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
}

/** The session token in a `Cookie` header. Over TLS only the bound name counts: another page may have set the plain one. */
export function tokenFromCookie(header: string | undefined, secure: boolean): string | undefined {
  const name = secure ? SECURE_NAME : PLAIN_NAME;
  for (const part of (header ?? "").split(";")) {
    const [key, value] = part.trim().split("=", 2);
    if (key === name && value !== undefined && value !== "") return value;
  }
  return undefined;
}
