/** The broker of the floor of openings: the embedded one's package with nothing around it. */
import { createServer } from "node:net";
import { Aedes } from "aedes";
import { listenSomewhere } from "../process/port.ts";

const broker = await Aedes.createBroker();
const server = createServer({ noDelay: true }, broker.handle);
process.stdout.write(`ready ${await listenSomewhere(server)}\n`);
