import { readFile } from "node:fs/promises";
import type { Config } from "../../kernel/config.ts";
import { readCredentials, refuseAnonymousBroker } from "../../mqtt/index.ts";
import { credentialsPathIn } from "../broker-files.ts";
import type { Finding } from "./finding.ts";

const MISSING = "is not set";

/** Looks at the broker and at the files it learns its users from. */
export async function checkBroker(config: Config): Promise<readonly Finding[]> {
  return [await reach(config), await credentials(config)];
}

async function reach({ MQTT_URL: url, MQTT_CA_FILE: caFile }: Config): Promise<Finding> {
  const what = "broker";
  if (url === undefined) return { what, ok: false, detail: `MQTT_URL ${MISSING}`, remedy: "set it, or start the demo" };
  const ca = caFile === undefined ? undefined : await readFile(caFile, "utf8").catch(() => undefined);
  const knocked = await refuseAnonymousBroker(url, ca);
  if (!knocked.ok && knocked.failure.code === "BROKER_ANONYMOUS") {
    const remedy = "set `allow_anonymous false`; `portner broker-config` writes all of Mosquitto's files";
    return { what, ok: false, detail: "lets in whoever comes", remedy };
  }
  if (!knocked.ok) return { what, ok: false, detail: knocked.failure.code, remedy: "correct MQTT_URL" };
  if (knocked.value === "refused") return { what, ok: true, detail: "answers, and refuses strangers" };
  const remedy = "start it, and look at MQTT_URL, the firewall and MQTT_CA_FILE";
  return { what, ok: false, detail: "can't be reached", remedy };
}

async function credentials({ BROKER_FOLDER: folder, MQTT_USER: user }: Config): Promise<Finding> {
  const what = "broker's users";
  const remedy = "set BROKER_FOLDER and run `portner broker-config`";
  if (folder === undefined) return { what, ok: false, detail: `BROKER_FOLDER ${MISSING}`, remedy };
  const read = await readCredentials(credentialsPathIn(folder));
  if (!read.ok) return { what, ok: false, detail: `${folder}: ${read.failure.code}`, remedy };
  if (read.value.has(user)) {
    return { what, ok: true, detail: `${read.value.size} may connect` };
  }
  return { what, ok: false, detail: `MQTT_USER \`${user}\` is not among them`, remedy };
}
