import { connectAsync, type MqttClient } from "mqtt";

/** Where signed commands go. */
export const COMMANDS = "floor/commands";

/** Connects with what every quick link needs: without delay. */
export async function connectQuickly(port: number): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`);
  const { stream } = client;
  if ("setNoDelay" in stream && typeof stream.setNoDelay === "function") stream.setNoDelay(true);
  return client;
}
