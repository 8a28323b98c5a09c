/**
 * The floor's hub: a request over node:http is parsed, committed with whatever came beside it, signed and published.
 * It decides nothing, looks nothing up and tells nobody.
 */
import { createPrivateKey, sign } from "node:crypto";
import { createServer } from "node:http";
import { z } from "zod";
import { listenSomewhere } from "../process/port.ts";
import { openGroupCommit } from "./commit-store.ts";
import { COMMANDS, connectQuickly } from "./signed-link.ts";

const Order = z.object({ brokerPort: z.int(), databaseUrl: z.string(), privateKey: z.string() });
const { brokerPort, databaseUrl, privateKey } = Order.parse(JSON.parse(process.argv[2] ?? ""));
const Press = z.object({ id: z.string() });

const key = createPrivateKey(privateKey);
const [client, journal] = [await connectQuickly(brokerPort), await openGroupCommit(databaseUrl)];

async function open(text: string): Promise<string> {
  const { id } = Press.parse(JSON.parse(text));
  await journal.commit(text);
  const body = Buffer.from(JSON.stringify({ id })).toString("base64url");
  const signature = sign(null, Buffer.from(body), key).toString("base64url");
  await client.publishAsync(COMMANDS, `${body}.${signature}`, { qos: 1 });
  return JSON.stringify({ data: { openDoor: { operation: { commands: [{ id }] } } } });
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    open(Buffer.concat(chunks).toString("utf8")).then(
      (answer) => response.writeHead(200, { "content-type": "application/json" }).end(answer),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
});
process.stdout.write(`ready ${await listenSomewhere(server)}\n`);
