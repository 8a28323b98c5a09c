import { isIPv6 } from "node:net";

/** What one party is given of addresses: of IPv4 one, of IPv6 a network of 2^64. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  // `::ffff:192.0.2.1` is an IPv4 address in other words.
  if (address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  const after = tail === undefined ? [] : tail.split(":").filter((group) => group !== "");
  const missing = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array.from({ length: missing }, () => "0"), ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
