import { ConflictError, ForbiddenError, InvalidInputError } from "../../graphql/errors.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import type { PortnerBuilder } from "../../identity/index.ts";
import { WrongCodes } from "../../people/index.ts";
import {
  commission,
  type CommissionDeps,
  type Commissioned,
  type CommissionFailure,
  type CommissionInput,
} from "../commission.ts";

/** What commissioning over the API stands on. */
export interface CommissioningDeps extends CommissionDeps {
  /** Address at which locks reach the broker. */
  readonly brokerUrl: string;
}

const LENGTHS_MAX: Readonly<Record<keyof CommissionInput, number>> = {
  serial: 64,
  claim: 128,
  model: 64,
  firmware: 32,
  publicKey: 64,
};
const FIRMWARE = /^[0-9A-Za-z.+-]{1,32}$/;

/** Adds `commissionLockUnit`. Open to everybody: the one-time claim is the credential, and wrong ones are throttled. */
export function addCommissioning(builder: PortnerBuilder, deps: CommissioningDeps): void {
  const wrongClaims = new WrongCodes(deps.clock);
  const InputRef = builder.inputType("CommissionLockUnitInput", {
    fields: (t) => ({
      serial: t.string({ required: true }),
      claim: t.string({ required: true, description: "The one-time secret that was registered with the lock." }),
      model: t.string({ required: true }),
      firmware: t.string({ required: true }),
      publicKey: t.string({ required: true, description: "Ed25519: 32 raw bytes, base64url without padding." }),
    }),
  });
  builder.mutationField("commissionLockUnit", (t) =>
    t.field({
      type: addSuccess(builder, deps.brokerUrl),
      description:
        "Gives a unit its place, with its lock's one-time claim. The same claim with the same key again gives the same " +
        "unit with a new broker secret.",
      authScopes: { open: true },
      args: { input: t.arg({ type: InputRef, required: true }) },
      errors: {},
      resolve: async (_root, { input }, { transport }) => {
        const waitMs = wrongClaims.waitMs(transport.address);
        if (waitMs > 0) {
          throw new ForbiddenError("TOO_MANY_TRIES", `too many wrong claims; wait ${Math.ceil(waitMs / 1_000)} s`);
        }
        checkInput(input);
        const done = await commission(deps, input);
        if (done.ok) return done.value;
        if (done.failure === "CLAIM_REFUSED") wrongClaims.add(transport.address);
        throw errorOf(done.failure);
      },
    }),
  );
}

function addSuccess(builder: PortnerBuilder, brokerUrl: string) {
  const RootKeyRef = builder.objectRef<Commissioned["rootKey"]>("LockRootKey").implement({
    ...INHERITS_RULE,
    description: "The tenant's root key, which signs `cfg`.",
    fields: (t) => ({ kid: t.exposeString("kid"), key: t.exposeString("key") }),
  });
  return builder.objectRef<Commissioned>("CommissionLockUnitSuccess").implement({
    ...INHERITS_RULE,
    description: "What a unit lives by. Shown once.",
    fields: (t) => ({
      tenant: t.exposeString("tenant", { description: "The tenant's name in topics and messages." }),
      lock: t.exposeString("lock", { description: "The lock's name in topics; also its user name at the broker." }),
      unit: t.exposeString("unit", { description: "The unit's name in messages." }),
      brokerUrl: t.string({ resolve: () => brokerUrl }),
      brokerSecret: t.exposeString("brokerSecret"),
      rootKey: t.field({ type: RootKeyRef, resolve: ({ rootKey }) => rootKey }),
      telemetryKey: t.exposeString("telemetryKey", { description: "32 bytes, base64url." }),
    }),
  });
}

function checkInput(input: CommissionInput): void {
  for (const name of ["serial", "claim", "model", "firmware", "publicKey"] as const) {
    const { length } = input[name];
    if (length < 1 || length > LENGTHS_MAX[name]) {
      throw new InvalidInputError(`1 to ${LENGTHS_MAX[name]} characters`, ["input", name]);
    }
  }
  if (!FIRMWARE.test(input.firmware)) throw new InvalidInputError("letters, digits, . + -", ["input", "firmware"]);
}

function errorOf(failure: CommissionFailure): Error {
  switch (failure) {
    case "CLAIM_REFUSED":
      return new ForbiddenError("CLAIM_REFUSED", "no lock awaits this claim");
    case "KEY_IN_USE":
      return new ConflictError("another unit has this public key", "KEY_IN_USE", ["input", "publicKey"]);
    case "PUBLIC_KEY_INVALID":
      return new InvalidInputError("an Ed25519 public key: 32 bytes, base64url", ["input", "publicKey"], failure);
  }
}
