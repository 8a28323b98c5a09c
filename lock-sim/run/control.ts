import { sign } from "node:crypto";
import { askProofText, permitProofText } from "@portner/schema/mqtt";
import { z } from "zod";
import { Behaviour } from "../behaviours/behaviour.ts";
import { KeyPair, readSecretKey } from "../firmware/keys.ts";
import type { Unit } from "./unit.ts";

const serial = z.string();
const order = <Verb extends string>(verb: Verb) => z.strictObject({ serial, do: z.literal(verb) });

/** One line of standard input: what happens to a lock. */
export const ControlOrder = z.discriminatedUnion("do", [
  order("jam"),
  order("unjam"),
  order("ajar"),
  order("unajar"),
  order("silence"),
  order("unsilence"),
  order("powerLoss").describe("Power is gone and comes back at once."),
  order("turnByHand").describe("Somebody turns the bolt from inside."),
  order("push").describe("Somebody pushes the door open."),
  order("close").describe("Somebody closes the door."),
  order("newCells"),
  order("state").describe("Only answers."),
  z.strictObject({ serial, do: z.literal("tamper"), what: z.enum(["cover", "force", "battery"]).default("cover") }),
  z.strictObject({ serial, do: z.literal("behave"), behaviour: Behaviour }),
  z
    .strictObject({ serial, do: z.literal("show"), cred: z.string(), gen: z.int(), key: KeyPair })
    .describe("A credential is shown, with the key that proves it; the lock asks a hub."),
  z
    .strictObject({
      serial,
      do: z.literal("touch"),
      unit: z.string(),
      id: z.string(),
      permit: z.string(),
      key: KeyPair,
    })
    .describe("A smartkey with a permit (compact JWS) and its key is held to the lock."),
]);
/** See {@link ControlOrder}. */
export type ControlOrder = z.infer<typeof ControlOrder>;

function proofBy(key: KeyPair, text: string): string {
  return sign(null, Buffer.from(text, "latin1"), readSecretKey(key)).toString("base64url");
}

/** Does an order. The answer is JSON: whether it could be done, and what is there to tell. */
export async function obeyOrder(unit: Unit, told: ControlOrder): Promise<object> {
  switch (told.do) {
    case "powerLoss":
      await unit.losePower();
      await unit.powerOn(0);
      return { ok: true };
    case "show": {
      const { unit: unitId = "" } = (await unit.commission()) ?? {};
      const { cred, gen, key } = told;
      const asked = unit.lock?.show({ cred, gen }, (challenge) => proofBy(key, askProofText(unitId, challenge)));
      return { ok: asked === true };
    }
    case "touch":
      return touch(unit, told);
    case "state":
      return { ok: true, ...unit.body.state, connected: unit.isConnected, counts: unit.lock?.counts() ?? {} };
    default: {
      const ok = happen(unit, told);
      // Whoever waits for the answer may cut the power next; what happened is on flash by then.
      await unit.lock?.written();
      return { ok };
    }
  }
}

function happen(unit: Unit, told: Exclude<ControlOrder, { do: "powerLoss" | "show" | "touch" | "state" }>): boolean {
  switch (told.do) {
    case "jam":
      unit.behave({ kind: "jam", chance: 1 });
      return true;
    case "unjam":
      unit.unbehave("jam");
      return true;
    case "ajar":
      unit.behave({ kind: "ajar" });
      return true;
    case "unajar":
      unit.unbehave("ajar");
      return true;
    case "silence":
      unit.behave({ kind: "silent" });
      return true;
    case "unsilence":
      unit.unbehave("silent");
      return true;
    case "behave":
      unit.behave(told.behaviour);
      return true;
    case "turnByHand":
      unit.body.turnByHand();
      return true;
    case "push":
      return unit.body.pushDoor();
    case "close":
      return unit.body.closeDoor();
    case "newCells":
      unit.body.replaceCells();
      return true;
    case "tamper":
      unit.lock?.tampered(told.what);
      return unit.lock !== undefined;
  }
}

async function touch(unit: Unit, told: Extract<ControlOrder, { do: "touch" }>): Promise<object> {
  const challenge = unit.lock?.touchChallenge();
  if (challenge === undefined || unit.lock === undefined) return { ok: false };
  const proof = proofBy(told.key, permitProofText(told.unit, challenge, told.id));
  const verdict = await unit.lock.touch({ permit: Buffer.from(told.permit, "latin1"), challenge, proof });
  return { ok: verdict.taken, ...(verdict.taken ? {} : { reason: verdict.reason }) };
}
