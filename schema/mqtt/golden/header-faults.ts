import { headerText, type DecodeFault } from "../codec.ts";
import { swap, type Fault, type FaultSources } from "./fault.ts";

const encoder = new TextEncoder();

/** Faults of the header: algorithm, type, key id, and their one spelling. */
export function headerFaults({ payload, kid }: FaultSources): Fault[] {
  const good = headerText("cmd", kid("cmd"));
  const header = (name: string, text: string | Uint8Array, why: string, fault: DecodeFault = "MALFORMED"): Fault => {
    return { name: `header ${name}`, type: "cmd", fault, why, header: text, payload: payload("cmd") };
  };
  return [
    header("with alg none", swap(good, "EdDSA", "none"), "unsigned messages don't exist"),
    header("with HS256", swap(good, "EdDSA", "HS256"), "the public key must never serve as a MAC key", "WRONG_TYPE"),
    header("with Ed25519 as alg", swap(good, "EdDSA", "Ed25519"), "one spelling only"),
    header("of an event", swap(good, "portner-cmd", "portner-evt"), "a type can't stand in for another", "WRONG_TYPE"),
    header("of an answer", swap(good, "portner-cmd", "portner-ans"), "a type can't stand in for another", "WRONG_TYPE"),
    header("of an unknown type", swap(good, "portner-cmd", "portner-any"), "closed list", "WRONG_TYPE"),
    header("with typ JWT", swap(good, "portner-cmd+jws", "JWT"), "other uses of the key must not fit"),
    header("with typ in capitals", swap(good, "portner-cmd+jws", "PORTNER-CMD+JWS"), "one spelling only"),
    header("in another order", `{"typ":"portner-cmd+jws","alg":"EdDSA","kid":"${kid("cmd")}"}`, "one spelling only"),
    header("with white space", swap(good, ",", ", "), "one spelling only"),
    header("with crit", swap(good, '{"alg"', '{"crit":["b64"],"b64":false,"alg"'), "no extensions"),
    header("with its own key", swap(good, '"}', '","jwk":{"kty":"OKP"}}'), "keys come from cfg, never from a message"),
    header("with a key's address", swap(good, '"}', '","x5u":"https://example.org/"}'), "a lock fetches nothing"),
    header("without kid", '{"alg":"EdDSA","typ":"portner-cmd+jws"}', "the key must be named"),
    header("with kid twice", swap(good, '"kid"', '"kid":"other-key-1","kid"'), "readers disagree on which one counts"),
    header("with a short kid", headerText("cmd", "key-1"), "identifier"),
    header("with a long kid", headerText("cmd", "k".repeat(41)), "identifier"),
    header("with kid in capitals", headerText("cmd", kid("cmd").toUpperCase()), "identifier"),
    header("with a path as kid", headerText("cmd", "../../dev/null"), "identifier"),
    header("that is not UTF-8", Uint8Array.from([0xff, ...encoder.encode(good)]), "not UTF-8"),
    header("that is empty", "", "a part must not be empty"),
    {
      ...header(
        "of telemetry with EdDSA",
        headerText("tel", kid("tel")).replace("HS256", "EdDSA"),
        "algorithm is bound to the type",
        "WRONG_TYPE",
      ),
      type: "tel",
      payload: payload("tel"),
    },
  ];
}
