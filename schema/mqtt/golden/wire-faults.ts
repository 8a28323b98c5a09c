import type { DecodeFault } from "../codec.ts";
import type { MessageType } from "../messages/index.ts";
import { part, type Fault } from "./fault.ts";

const encoder = new TextEncoder();

/** Faults of the compact text itself: size, parts, base64url. */
export function wireFaults(): Fault[] {
  const wire = (name: string, make: (valid: string) => string | Uint8Array, why: string): Fault => {
    return { name: `text ${name}`, type: "cmd", fault: "MALFORMED", why, wire: make };
  };
  const large = (name: string, type: MessageType, length: number, fault: DecodeFault): Fault => {
    return { name, type, fault, why: "size is the first check", wire: () => "A".repeat(length) };
  };
  const parts = (valid: string): [string, string, string] => {
    const [head = "", body = "", tail = ""] = valid.split(".");
    return [head, body, tail];
  };
  // The last character of a part whose bytes don't come in threes carries bits that mean nothing and must be clear.
  const trailing = (text: string): string => `${text.slice(0, -1)}${text.endsWith("A") ? "B" : "D"}`;
  return [
    wire("empty", () => "", "no parts"),
    wire("of one part", (valid) => parts(valid)[0], "three parts"),
    wire("of two parts", (valid) => parts(valid).slice(0, 2).join("."), "three parts"),
    wire("of four parts", (valid) => `${valid}.AAAA`, "three parts"),
    wire("of five parts", (valid) => `${valid}.AAAA.AAAA`, "an encrypted form is not ours"),
    wire("of dots", () => "..", "empty parts"),
    wire("without header", (valid) => `.${parts(valid)[1]}.${parts(valid)[2]}`, "empty part"),
    wire("without payload", (valid) => `${parts(valid)[0]}..${parts(valid)[2]}`, "a detached payload is not ours"),
    wire("without signature", (valid) => `${parts(valid)[0]}.${parts(valid)[1]}.`, "unsigned"),
    wire("with a signature of 63 bytes", (valid) => valid.slice(0, -2), "64 bytes exactly"),
    wire(
      "with a signature of 65 bytes",
      (valid) => `${parts(valid)[0]}.${parts(valid)[1]}.${part(new Uint8Array(65))}`,
      "64 bytes exactly",
    ),
    wire("with bits behind the signature", (valid) => trailing(valid), "one spelling only"),
    wire(
      "with bits behind the header",
      (valid) => [trailing(parts(valid)[0]), ...parts(valid).slice(1)].join("."),
      "one spelling only",
    ),
    wire("with padding", (valid) => `${valid}==`, "no padding"),
    wire("in the other base64", (valid) => valid.replace(/\..*\./, ".++//."), "base64url only"),
    wire(
      "of an impossible length",
      (valid) => [...parts(valid).slice(0, 2), "AAAAA"].join("."),
      "no bytes give this length",
    ),
    wire("with a line end", (valid) => `${valid}\n`, "one spelling only"),
    wire("with white space in front", (valid) => ` ${valid}`, "one spelling only"),
    wire("with a byte order mark", (valid) => `\ufeff${valid}`, "one spelling only"),
    wire("with NUL at the end", (valid) => `${valid}\0`, "one spelling only"),
    wire("that is not UTF-8", (valid) => Uint8Array.from([...encoder.encode(valid), 0xff]), "not UTF-8"),
    wire(
      "as a JSON object",
      (valid) => JSON.stringify({ protected: parts(valid)[0], payload: parts(valid)[1], signature: parts(valid)[2] }),
      "compact form only",
    ),
    wire("as bare JSON", () => '{"v":1,"op":"open"}', "signed messages only"),
    large("of 4,096 bytes is not too large", "cmd", 4_096, "MALFORMED"),
    large("of 4,097 bytes", "cmd", 4_097, "TOO_LARGE"),
    large("deny of 16,384 bytes is not too large", "deny", 16_384, "MALFORMED"),
    large("deny of 16,385 bytes", "deny", 16_385, "TOO_LARGE"),
  ];
}
