import { headerText } from "../codec.ts";
import type { MessageType } from "../messages/index.ts";
import { swap, type Fault, type FaultSources } from "./fault.ts";

/** What is replaced in a valid payload by what, and why that is a fault. */
type Change = readonly [name: string, before: string, after: string, why: string];

const COMMAND_CHANGES: readonly Change[] = [
  ["unknown field", '"op":"open"', '"op":"open","force":true', "a field of a later version may change the meaning"],
  ["missing field", '"op":"open",', "", "nothing is assumed"],
  ["doubled name", '"op":"open"', '"op":"identify","op":"open"', "readers disagree on which one counts"],
  ["doubled name, same value", '"op":"open"', '"op":"open","op":"open"', "one spelling only"],
  ["white space inside", '"op":"open"', '"op": "open"', "one spelling only"],
  ["letter as escape", '"op":"open"', '"op":"\\u006fpen"', "one spelling only"],
  ["name as escape", '"op":"open"', '"\\u006fp":"open"', "one spelling only"],
  ["number with fraction zero", '"gen":3', '"gen":3.0', "one spelling only"],
  ["number with exponent", '"gen":3', '"gen":3e0', "one spelling only"],
  ["minus zero", '"rev":41277', '"rev":-0', "one spelling only"],
  ["number beyond 2^53", '"rev":41277', '"rev":9007199254740993', "readers round it differently"],
  ["huge number", '"rev":41277', '"rev":1e+21', "out of range"],
  ["infinite number", '"rev":41277', '"rev":1e999', "out of range"],
  ["fraction", '"gen":3', '"gen":3.5', "whole numbers only"],
  ["number as text", '"gen":3', '"gen":"3"', "no coercion"],
  ["null for a number", '"gen":3', '"gen":null', "no coercion"],
  ["true for 1", '"gen":3', '"gen":true', "no coercion"],
  ["generation zero", '"gen":3', '"gen":0', "generations start at 1"],
  ["instant after 2100", '"iat":1795341600000', '"iat":4102444800001', "out of range"],
  ["instant in seconds with fraction", '"iat":1795341600000', '"iat":1795341600.5', "milliseconds only"],
  ["later message version", '"v":1', '"v":2', "another version is another contract"],
  ["unknown operation", '"op":"open"', '"op":"unlock"', "closed list"],
  ["operation in capitals", '"op":"open"', '"op":"Open"', "closed list"],
  ["identifier in capitals", '"cred":"c0ffee', '"cred":"C0FFEE', "identifiers have one spelling"],
  ["identifier too short", "fjordby-test", "fjord-1", "8 characters at least"],
  ["identifier too long", "fjordby-test", "f".repeat(37), "36 characters at most"],
  ["identifier with a line break", "fjordby-test", "fjordby-test\\n", "a pattern's end is the text's end"],
  ["identifier with a wildcard", "fjordby-test", "fjordby-+/#x", "identifiers stand in topics"],
  ["half a surrogate pair, escaped", "fjordby-test", "fjordby-\\ud800", "not Unicode text"],
  ["challenge too short", '"op":"open"', '"op":"open","challenge":"AAECAwQFBgcICQoLDA0OD"', "128 bits exactly"],
  ["challenge padded", '"op":"open"', '"op":"open","challenge":"AAECAwQFBgcICQoLDA0ODw=="', "no padding"],
  ["__proto__", '"op":"open"', '"op":"open","__proto__":{"op":"open"}', "some readers set a prototype, some drop it"],
  ["constructor", '"op":"open"', '"op":"open","constructor":{}', "unknown field"],
  ["comment", '"op":"open"', '/**/"op":"open"', "not JSON"],
  ["comma at the end", '"rev":41277}', '"rev":41277,}', "not JSON"],
  ["nested a thousand deep", '"gen":3', `"gen":${"[".repeat(1_000)}${"]".repeat(1_000)}`, "no reader may fall over"],
];

const DENY_ENTRIES = Array.from({ length: 121 }, (_, n) => `{"cred":"${10_000_000 + n}","gen":1,"until":1}`).join(",");

const RESTARTED =
  '"kind":"restarted","cause":"power","previous":{"boot":6,"seq":918},"facts":{"bolt":"thrown","latch":"extended","door":"closed"}';
const refused = (counts: string): string => `"kind":"refused","from":1,"to":2,"counts":${counts},"commands":[]`;

const OTHER_CHANGES: readonly (readonly [type: MessageType, ...Change])[] = [
  ["evt", "unknown kind", '"kind":"restarted"', '"kind":"opened"', "closed list"],
  ["evt", "field of another kind", '"seq":1', '"seq":1,"door":"open"', "each kind has its own fields"],
  ["evt", "sequence zero", '"seq":1', '"seq":0', "events start at 1"],
  ["evt", "clock error missing", ',"errorMs":12', "", "an age without its doubt is worth nothing"],
  ["evt", "unknown position", '"bolt":"thrown"', '"bolt":"locked"', "closed list"],
  ["evt", "unknown reason counted", RESTARTED, refused('{"RAIN":1}'), "closed list"],
  ["evt", "nothing counted", RESTARTED, refused('{"EXPIRED":0}'), "at least one"],
  ["evt", "__proto__ counted", RESTARTED, refused('{"__proto__":1}'), "some readers set a prototype, some drop it"],
  ["ack", "minus one", '"seq":13', '"seq":-1', "out of range"],
  ["ack", "boot zero", '"boot":7', '"boot":0', "boots start at 1"],
  ["tel", "volts instead of millivolts", "5920", "5.92", "whole numbers only"],
  ["tel", "firmware with white space", "1.4.2+fjord", "1.4.2 fjord", "pattern"],
  [
    "ask",
    "credential without proof",
    '"kind":"time"',
    `"kind":"credential","cred":"12345678","gen":1`,
    "missing field",
  ],
  ["ask", "time with a credential", '"kind":"time"', '"kind":"time","cred":"12345678"', "unknown field"],
  ["ans", "time that also opens", '"kind":"time"', '"kind":"time","op":"open"', "unknown field"],
  [
    "cfg",
    "key for an unknown purpose",
    '"purpose":"command"',
    '"purpose":"root"',
    "a root key is never taken from a message",
  ],
  ["cfg", "algorithm beside the key", '"purpose":"command"', '"purpose":"command","alg":"HS256"', "unknown field"],
  ["cfg", "version zero", '"version":4', '"version":0', "versions start at 1"],
  ["deny", "entry without generation", '"entries":[]', '"entries":[{"cred":"12345678","until":1}]', "missing field"],
  ["deny", "one entry too many", '"entries":[]', `"entries":[${DENY_ENTRIES}]`, "120 entries at most"],
  ["gone", "with a reason", '"boot":7', '"boot":7,"reason":"power"', "unknown field"],
  [
    "permit",
    "grant of bundle and path",
    '"bundle":"bundle-oest"',
    '"bundle":"bundle-oest","path":"path-0000001"',
    "either or",
  ],
  ["permit", "grant of everything", '"bundle":"bundle-oest",', "", "either or"],
];

const encoder = new TextEncoder();

/** Whole payloads that are no command, made from a good one. */
function wholePayloads(good: string): (readonly [name: string, payload: string | Uint8Array, why: string])[] {
  const bytes = encoder.encode(good);
  const at = good.indexOf("open") + 2;
  const withBytes = (inserted: readonly number[]): Uint8Array =>
    Uint8Array.from([...bytes.slice(0, at), ...inserted, ...bytes.slice(at)]);
  return [
    ["empty", "", "a part must not be empty"],
    ["is an empty object", "{}", "nothing is assumed"],
    ["is null", "null", "not an object"],
    ["is a list", `[${good}]`, "not an object"],
    ["is a text", JSON.stringify(good), "not an object"],
    ["twice", good + good, "one message a message"],
    ["with a line end", `${good}\n`, "one spelling only"],
    ["with a byte order mark", `\ufeff${good}`, "one spelling only"],
    ["cut off", good.slice(0, -1), "not JSON"],
    ["with a raw surrogate", withBytes([0xed, 0xa0, 0x80]), "not UTF-8"],
    ["with an overlong byte pair", withBytes([0xc0, 0xaf]), "not UTF-8"],
    ["with a lone continuation byte", withBytes([0x80]), "not UTF-8"],
    ["with a raw NUL", withBytes([0]), "not JSON"],
  ];
}

/** Faults of what a payload says and how it is spelt. All are malformed, however rightly signed. */
export function payloadFaults({ payload, kid }: FaultSources): Fault[] {
  const fault = (type: MessageType, name: string, text: string | Uint8Array, why: string): Fault => {
    return {
      name: `${type}: ${name}`,
      type,
      fault: "MALFORMED",
      why,
      header: headerText(type, kid(type)),
      payload: text,
    };
  };
  const grants = /"grants":\[.*\]/.exec(payload("permit"))?.[0] ?? "";
  const changes = [
    ...COMMAND_CHANGES.map((change) => ["cmd", ...change] as const),
    ...OTHER_CHANGES,
    ["permit", "without grants", grants, '"grants":[]', "opens nothing"] as const,
  ];
  return [
    ...changes.map(([type, name, before, after, why]) => fault(type, name, swap(payload(type), before, after), why)),
    ...wholePayloads(payload("cmd")).map(([name, text, why]) => fault("cmd", `payload ${name}`, text, why)),
  ];
}
