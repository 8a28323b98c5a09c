import { createCipheriv, createDecipheriv } from "node:crypto";
import { InvariantError, PortnerError } from "./errors.ts";
import type { Random } from "./random.ts";

/** Length of the hub's own key: AES-256. */
export const SEALING_KEY_BYTES = 32;
/** The nonce that GCM is made for; random ones are safe for 2^32 secrets, and a country needs thousands. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of what is sealed today; another form gets another number. */
const FORM = 1;

/** Seals secrets before they are stored, so that a copy of the database alone gives none away. */
export interface Sealing {
  /** Seals a secret. `context` says what it is for: it opens under the same context only, never in another's place. */
  seal(secret: Uint8Array, context: string): Uint8Array;
  /** Opens a sealed secret. Throws PortnerError `SEAL_BROKEN` for another key, another context, or altered bytes. */
  open(sealed: Uint8Array, context: string): Uint8Array;
}

/** Sealing with the hub's own key of {@link SEALING_KEY_BYTES} bytes. Throws InvariantError for another length. */
export function createSealing(key: Uint8Array, random: Random): Sealing {
  if (key.length !== SEALING_KEY_BYTES) {
    throw new InvariantError(`the sealing key has \`${key.length}\` bytes, not ${SEALING_KEY_BYTES}`);
  }
  const own = Buffer.from(key);
  return {
    seal: (secret, context) => {
      const nonce = random.bytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", own, nonce);
      cipher.setAAD(Buffer.from(context, "utf8"));
      const body = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([Buffer.from([FORM]), nonce, body, cipher.getAuthTag()]);
    },
    open: (sealed, context) => openWith(own, sealed, context),
  };
}

function openWith(key: Buffer, sealed: Uint8Array, context: string): Uint8Array {
  const bytes = Buffer.from(sealed);
  if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== FORM) {
    throw new PortnerError("SEAL_BROKEN", "not a sealed secret");
  }
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 1 + NONCE_BYTES), options);
  decipher.setAAD(Buffer.from(context, "utf8"));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const body = decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES));
    return new Uint8Array(Buffer.concat([body, decipher.final()]));
  } catch (cause) {
    throw new PortnerError("SEAL_BROKEN", "the secret does not open with this key", { cause });
  }
}
