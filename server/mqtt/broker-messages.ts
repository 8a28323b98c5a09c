import { z } from "zod";
import { LOG_LEVELS } from "../kernel/log.ts";

const CredentialFaultSchema = z.union([
  z.object({ code: z.enum(["CREDENTIALS_MISSING", "CREDENTIALS_UNREADABLE"]), path: z.string() }),
  z.object({
    code: z.literal("CREDENTIALS_FAULTY"),
    path: z.string(),
    line: z.number(),
    why: z.enum(["syntax", "duplicate"]),
  }),
]);

const StartFailureSchema = z.union([
  CredentialFaultSchema,
  z.object({ code: z.literal("BROKER_NOT_LOOPBACK"), host: z.string() }),
  z.object({ code: z.literal("BROKER_PORT_TAKEN"), host: z.string(), port: z.number() }),
  z.object({ code: z.literal("BROKER_LISTEN_FAILED"), host: z.string(), port: z.number(), cause: z.string() }),
]);

/** What the parent tells the broker process. */
export const BrokerOrder = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("start"),
    host: z.string(),
    port: z.number(),
    credentialsPath: z.string(),
    logLevel: z.enum(LOG_LEVELS),
  }),
  z.object({ type: z.literal("reload") }),
  z.object({ type: z.literal("stop") }),
]);
export type BrokerOrder = z.infer<typeof BrokerOrder>;

/** What the broker process tells its parent. */
export const BrokerReport = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), url: z.string(), port: z.number() }),
  z.object({ type: z.literal("failed"), failure: StartFailureSchema }),
  z.object({ type: z.literal("reloaded"), credentials: z.number() }),
  z.object({ type: z.literal("notReloaded"), failure: CredentialFaultSchema }),
]);
export type BrokerReport = z.infer<typeof BrokerReport>;
