/** The caller's user id in the fragment of an address, as telephony hands it over; nothing of it reaches a server. */
export function callerIn(hash: string): string | undefined {
  const caller = new URLSearchParams(hash.replace(/^#/, "")).get("caller")?.trim() ?? "";
  return caller === "" ? undefined : caller;
}
