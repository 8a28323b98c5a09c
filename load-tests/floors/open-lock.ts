/** The floor's lock: it checks the signature, makes the command's id durable, and would move. Prints when. */
import { createPublicKey, verify } from "node:crypto";
import { fdatasyncSync, openSync, writeSync } from "node:fs";
import { z } from "zod";
import { wallTime } from "../clock.ts";
import { COMMANDS, connectQuickly } from "./signed-link.ts";

const Order = z.object({ brokerPort: z.int(), publicKey: z.string(), flash: z.string() });
const { brokerPort, publicKey, flash } = Order.parse(JSON.parse(process.argv[2] ?? ""));
const Command = z.object({ id: z.string() });

const key = createPublicKey(publicKey);
const file = openSync(flash, "a");
const client = await connectQuickly(brokerPort);
client.on("message", (_topic, payload) => {
  const [body = "", signature = ""] = payload.toString("latin1").split(".");
  if (!verify(null, Buffer.from(body), key, Buffer.from(signature, "base64url"))) return;
  const { id } = Command.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
  writeSync(file, `${id}\n`);
  fdatasyncSync(file);
  process.stdout.write(`${JSON.stringify({ id, at: wallTime() })}\n`);
});
await client.subscribeAsync(COMMANDS, { qos: 1 });
process.stdout.write("ready lock\n");
