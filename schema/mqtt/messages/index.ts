import { AckMessage } from "./ack.ts";
import { AnswerMessage } from "./ans.ts";
import { AskMessage } from "./ask.ts";
import { ConfigMessage } from "./cfg.ts";
import { CommandMessage } from "./cmd.ts";
import { DenyMessage } from "./deny.ts";
import { EventMessage } from "./evt.ts";
import { GoneMessage } from "./gone.ts";
import { PermitMessage } from "./permit.ts";
import { TelemetryMessage } from "./tel.ts";

/** Every message of the lock link by its type. Permits travel on smartkeys, all others over MQTT. */
export const MESSAGES = {
  cmd: CommandMessage,
  evt: EventMessage,
  ack: AckMessage,
  tel: TelemetryMessage,
  ask: AskMessage,
  ans: AnswerMessage,
  cfg: ConfigMessage,
  deny: DenyMessage,
  gone: GoneMessage,
  permit: PermitMessage,
};

/** A message type: the channel's name, or `permit`. */
export type MessageType = keyof typeof MESSAGES;

/** What each message type carries. */
export interface MessageByType {
  cmd: CommandMessage;
  evt: EventMessage;
  ack: AckMessage;
  tel: TelemetryMessage;
  ask: AskMessage;
  ans: AnswerMessage;
  cfg: ConfigMessage;
  deny: DenyMessage;
  gone: GoneMessage;
  permit: PermitMessage;
}
