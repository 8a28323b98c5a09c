import { sign, type KeyObject } from "node:crypto";
import { seal, signingInput, type MessageByType, type MessageType } from "@portner/schema/mqtt";
import { InvariantError } from "../kernel/errors.ts";

/** What a tenant's keys are for. The telemetry secret is not here: units' keys are derived from it. */
export type SigningPurpose = "root" | "command" | "permit";

/** A private key and its name. */
export interface SigningKey {
  readonly kid: string;
  readonly key: KeyObject;
}

/** The keys that hubs sign with now, by tenant and purpose. */
export type SigningKeys = (tenant: number, purpose: SigningPurpose) => SigningKey | undefined;

type SignedType = Exclude<MessageType, "tel" | "gone" | "evt" | "ask">;

const PURPOSES: Readonly<Record<SignedType, SigningPurpose>> = {
  cfg: "root",
  permit: "permit",
  cmd: "command",
  ack: "command",
  ans: "command",
  deny: "command",
};

/** Signs what hubs say. Each message type has its purpose, and each purpose its key. */
export class Signer {
  readonly #keys: SigningKeys;

  constructor(keys: SigningKeys) {
    this.#keys = keys;
  }

  /** The message in its compact, signed form. Throws where the tenant has no such key: that is a fault of set-up. */
  sign<Type extends SignedType>(tenant: number, type: Type, message: MessageByType[Type]): Uint8Array {
    const signing = this.#keys(tenant, PURPOSES[type]);
    if (signing === undefined) throw new InvariantError(`tenant ${tenant} has no key for \`${type}\``);
    const input = signingInput(type, signing.kid, message);
    return seal(input, sign(null, Buffer.from(input, "ascii"), signing.key));
  }
}
