/** The floor of any answer over HTTP: node:http reads a body, parses it as JSON, and answers the same bytes each time. */
import { createServer } from "node:http";
import { z } from "zod";
import { listenSomewhere } from "../process/port.ts";

const { answer } = z.object({ answer: z.string() }).parse(JSON.parse(process.argv[2] ?? ""));
const bytes = Buffer.from(answer);
const headers = { "content-type": "application/json; charset=utf-8", "content-length": bytes.length };

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    JSON.parse(Buffer.concat(chunks).toString("utf8"));
    response.writeHead(200, headers);
    response.end(bytes);
  });
});
process.stdout.write(`ready ${await listenSomewhere(server)}\n`);
