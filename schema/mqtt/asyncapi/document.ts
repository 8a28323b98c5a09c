import { z } from "zod";
import { ALGORITHMS, bytesMax, headerText } from "../codec.ts";
import { MESSAGES, type MessageType } from "../messages/index.ts";
import { topicText } from "../topics.ts";
import { CHANNEL_USES, type ChannelUse } from "./channels.ts";

const DESCRIPTION = `The link between a lock and the hub, from the lock's side. Every message is a JWS in compact form
(\`header.payload.signature\`, base64url without padding); the schemas here describe the payload. Algorithm and type are
bound to the channel and the key and are never taken from a message. A field that a schema doesn't name, a name that
stands twice, white space or another spelling of a number makes a message malformed. See README.md beside this file.`;

const IDENTIFIER = "8–36 lower-case letters, digits, hyphens";

/** The JSON Schema (draft 7) of a message's payload. */
function payloadSchema(type: MessageType): object {
  const { $schema: _, ...schema } = z.toJSONSchema(MESSAGES[type], { target: "draft-7" });
  return schema;
}

function address(type: ChannelUse["type"]): string {
  const [tenant, lock] = ["{tenant}", "{lock}"];
  return type === "deny" ? topicText({ tenant, channel: type }) : topicText({ tenant, lock, channel: type });
}

function channel({ type, title, summary }: ChannelUse): object {
  const tenant = { $ref: "#/components/parameters/tenant" };
  const lock = { $ref: "#/components/parameters/lock" };
  return {
    address: address(type),
    title,
    summary,
    parameters: type === "deny" ? { tenant } : { tenant, lock },
    messages: { [type]: { $ref: `#/components/messages/${type}` } },
  };
}

function operation({ type, action, title, summary, qos, retain }: ChannelUse): object {
  return {
    action,
    title,
    summary,
    channel: { $ref: `#/channels/${type}` },
    messages: [{ $ref: `#/channels/${type}/messages/${type}` }],
    bindings: { mqtt: { qos, retain, bindingVersion: "0.2.0" } },
  };
}

function message({ type, title, summary, signedBy }: ChannelUse): object {
  return {
    name: type,
    title,
    summary: `${summary} Signed by: ${signedBy}.`,
    contentType: "application/jose",
    payload: { $ref: `#/components/schemas/${type}` },
    "x-portner-jws": { alg: ALGORITHMS[type], header: headerText(type, "{kid}"), bytesMax: bytesMax(type), signedBy },
  };
}

/** The AsyncAPI 3.0 document of the lock link, made from the schemas that the codec checks by. */
export function asyncApiDocument(): object {
  const byType = (make: (use: ChannelUse) => object): Record<string, object> =>
    Object.fromEntries(CHANNEL_USES.map((use) => [use.type, make(use)]));
  const types: readonly MessageType[] = [...CHANNEL_USES.map(({ type }) => type), "permit"];
  return {
    asyncapi: "3.0.0",
    id: "urn:portner:lock-link:1",
    info: {
      title: "Portner lock link",
      version: "1.0.0",
      description: DESCRIPTION,
      license: { name: "MPL-2.0", url: "https://www.mozilla.org/MPL/2.0/" },
    },
    defaultContentType: "application/jose",
    servers: {
      broker: {
        host: "broker.example.org:8883",
        protocol: "mqtts",
        description: "The municipality's broker. MQTT 3.1.1 or 5, clean session, client id and user name = lock id.",
      },
    },
    channels: byType(channel),
    operations: Object.fromEntries(CHANNEL_USES.map((use) => [`${use.action}-${use.type}`, operation(use)])),
    components: {
      parameters: {
        tenant: { description: `Tenant id: ${IDENTIFIER}.` },
        lock: { description: `Lock id: ${IDENTIFIER}; also the client id and user name.` },
      },
      messages: byType(message),
      schemas: Object.fromEntries(types.map((type) => [type, payloadSchema(type)])),
    },
  };
}
