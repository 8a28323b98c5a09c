import { isIPv6 } from "node:net";

/** Groups of an IPv6 address, 16 bits each, that tell its network: what one line is given. */
const NETWORK_GROUPS = 4;
/** Those that tell whose lines they are: what one household or rented server is given at the most. */
const SITE_GROUPS = 3;

/** What one party is given of addresses: of IPv4 one, of IPv6 a network of 2^64. */
export function networkOf(address: string): string {
  return beginningOf(address, NETWORK_GROUPS);
}

/** All that one party may choose its addresses from: of IPv4 one, of IPv6 a network of 2^80. */
export function siteOf(address: string): string {
  return beginningOf(address, SITE_GROUPS);
}

function beginningOf(address: string, count: number): string {
  if (!isIPv6(address)) return address;
  // `::ffff:192.0.2.1` is an IPv4 address in other words.
  if (address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  const after = tail === undefined ? [] : tail.split(":").filter((group) => group !== "");
  const missing = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array.from({ length: missing }, () => "0"), ...after]
    .slice(0, count)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
