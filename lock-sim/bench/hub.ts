import { generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import {
  decode,
  toBase64url,
  type AckMessage,
  type AnswerMessage,
  type CommandMessage,
  type ConfigMessage,
  type DenyEntry,
  type MessageByType,
  type MessageType,
  type PermitMessage,
} from "@portner/schema/mqtt";
import { signMessage } from "../firmware/keys.ts";
import type { Commission } from "../firmware/record.ts";
import { SimulatorError } from "../ground/fault.ts";

/** A signing key as a hub has it. */
export interface HubKey {
  readonly kid: string;
  readonly secret: KeyObject;
  readonly key: string;
}

/** Makes a signing key. */
export function makeHubKey(kid: string): HubKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { kid, secret: privateKey, key: privateKey.export({ format: "jwk" }).x ?? "" };
}

/** The hub's end for tests of the firmware: signs what a hub signs. It has no network and no opinion. */
export class BenchHub {
  readonly root = makeHubKey("root-key-1");
  command: HubKey;
  readonly permit = makeHubKey("permit-key-1");
  readonly commission: Commission;
  readonly config: ConfigMessage;

  constructor(
    names: { readonly tenant: string; readonly lock: string; readonly unit: string },
    command = makeHubKey("command-key-1"),
  ) {
    const { tenant, lock, unit } = names;
    this.command = command;
    this.commission = {
      tenant,
      lock,
      unit,
      brokerUrl: "mqtt://127.0.0.1:1",
      brokerSecret: "secret",
      rootKey: { kid: this.root.kid, key: this.root.key },
      telemetryKey: toBase64url(randomBytes(32)),
    };
    this.config = {
      v: 1,
      tenant,
      lock,
      unit,
      version: 1,
      iat: 1_000,
      bundles: ["bundle-one"],
      paths: ["path-one"],
      keys: [
        { kid: this.command.kid, purpose: "command", key: this.command.key },
        { kid: this.permit.kid, purpose: "permit", key: this.permit.key },
      ],
      messageVersions: [1],
      heartbeatMs: 30_000,
      jitterMs: 0,
      relockAfterCloseMs: 10_000,
      relockUnusedMs: 60_000,
    };
  }

  sign<Type extends MessageType>(type: Type, message: MessageByType[Type], by: HubKey = this.command): Uint8Array {
    return signMessage(type, { kid: by.kid, key: by.secret }, message);
  }

  cfg(change: Partial<ConfigMessage> = {}): Uint8Array {
    return this.sign("cfg", { ...this.config, ...change }, this.root);
  }

  /** A command decided at `iat`; fields may be replaced. */
  order(iat: number, change: Partial<CommandMessage> = {}): CommandMessage {
    const { tenant, unit } = this.commission;
    const id = `cmd-${randomBytes(8).toString("hex")}`;
    const command = {
      id,
      tenant,
      unit,
      op: "open",
      cred: "credential-1",
      gen: 1,
      iat,
      exp: iat + 10_000,
      rev: 7,
    } as const;
    return { v: 1, ...command, ...change };
  }

  cmd(iat: number, change: Partial<CommandMessage> = {}): Uint8Array {
    return this.sign("cmd", this.order(iat, change));
  }

  time(challenge: string, now: number): Uint8Array {
    const { tenant, unit } = this.commission;
    return this.sign("ans", { v: 1, kind: "time", tenant, unit, challenge, now });
  }

  allow(challenge: string, iat: number, change: Partial<CommandMessage> = {}): Uint8Array {
    const answer: AnswerMessage = { ...this.order(iat, change), kind: "allow", challenge };
    return this.sign("ans", answer);
  }

  ack(boot: number, seq: number, change: Partial<AckMessage> = {}): Uint8Array {
    const { tenant, unit } = this.commission;
    return this.sign("ack", { v: 1, tenant, unit, boot, seq, iat: 1_000, ...change });
  }

  deny(version: number, entries: DenyEntry[]): Uint8Array {
    return this.sign("deny", { v: 1, tenant: this.commission.tenant, version, iat: 1_000, entries });
  }

  permitFor(cnf: string, now: number, change: Partial<PermitMessage> = {}): Uint8Array {
    const { tenant } = this.commission;
    const grants = [{ bundle: "bundle-one", from: now - 1_000, to: now + 3_600_000 }];
    const life = { iat: now - 1_000, exp: now + 3_600_000 };
    return this.sign(
      "permit",
      { v: 1, id: "permit-one", tenant, cred: "credential-1", gen: 1, cnf, grants, ...life, ...change },
      this.permit,
    );
  }
}

/** Reads a message that a lock sent; throws when it is not one. */
export function readSent<Type extends MessageType>(type: Type, bytes: Uint8Array): MessageByType[Type] {
  const read = decode(type, bytes);
  if (!read.ok) throw new SimulatorError("UNREADABLE_MESSAGE", `a lock sent a \`${type}\` that is ${read.fault}`);
  return read.decoded.message;
}
