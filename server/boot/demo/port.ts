import { once } from "node:events";
import { createServer } from "node:net";
import { PortTakenError } from "../http.ts";

/** Looks before everything is started for nothing. Throws PortTakenError when somebody listens on this port. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  const probe = createServer().listen(port, host);
  try {
    await once(probe, "listening");
  } catch (cause) {
    throw new PortTakenError(port, { cause });
  }
  probe.close();
  await once(probe, "close");
}
