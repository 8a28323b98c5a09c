import { Signature, UnitClaim } from "@portner/schema/mqtt";
import { ConflictError, ForbiddenError, InvalidInputError } from "../../graphql/errors.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import { WrongTries } from "../../kernel/wrong-tries.ts";
import type { PortnerBuilder } from "../../identity/index.ts";
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

/** Adds `commissionLockUnit`. Open to everybody: the one-time claim is the credential, and wrong ones are throttled. */
export function addCommissioning(builder: PortnerBuilder, deps: CommissioningDeps): void {
  const wrongClaims = new WrongTries(deps.clock);
  const InputRef = builder.inputType("CommissionLockUnitInput", {
    fields: (t) => ({
      serial: t.string({ required: true }),
      claim: t.string({ required: true, description: "The one-time secret that was registered with the lock." }),
      model: t.string({ required: true }),
      firmware: t.string({ required: true }),
      publicKey: t.string({ required: true, description: "Ed25519: 32 raw bytes, base64url without padding." }),
      nonce: t.string({
        required: true,
        description: "16 random bytes, base64url without padding; fresh for every try.",
      }),
      proof: t.string({
        required: true,
        description:
          "The unit's Ed25519 signature, base64url, over `claim.<serial>.<claim>.<model>.<firmware>.<publicKey>.<nonce>`, " +
          "each field as base64url of its UTF-8.",
      }),
    }),
  });
  builder.mutationField("commissionLockUnit", (t) =>
    t.field({
      type: addSuccess(builder, deps.brokerUrl),
      description:
        "Gives a unit its place, with its lock's one-time claim and proof that it holds its private key. For ten minutes, " +
        "and until the hub has heard its first event, the same claim by the same key with a new nonce gives the same unit " +
        "with a new broker secret; then the claim is closed for ever.",
      authScopes: { open: true },
      args: { input: t.arg({ type: InputRef, required: true }) },
      errors: {},
      resolve: async (_root, { input }, { transport }) => {
        const waitMs = wrongClaims.waitMs(transport.address);
        if (waitMs > 0) {
          throw new ForbiddenError("TOO_MANY_TRIES", `too many wrong claims; wait ${Math.ceil(waitMs / 1_000)} s`);
        }
        const done = await commission(deps, readInput(input));
        if (done.ok) return done.value;
        if (IS_A_TRY[done.failure]) wrongClaims.add(transport.address);
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

const ClaimInput = UnitClaim.extend({ proof: Signature });

function readInput(input: CommissionInput): CommissionInput {
  const read = ClaimInput.safeParse(input);
  if (read.success) return read.data;
  const name = String(read.error.issues[0]?.path[0] ?? "");
  if (name === "publicKey") throw errorOf("PUBLIC_KEY_INVALID");
  throw new InvalidInputError("not as the contract describes it", ["input", name]);
}

/** Failures that a guesser of claims would meet; each counts against the address. */
const IS_A_TRY: Readonly<Record<CommissionFailure, boolean>> = {
  CLAIM_CLOSED: false,
  CLAIM_REFUSED: true,
  KEY_IN_USE: false,
  PROOF_REFUSED: true,
  PUBLIC_KEY_INVALID: false,
};

function errorOf(failure: CommissionFailure): Error {
  switch (failure) {
    case "CLAIM_CLOSED":
      return new ForbiddenError("CLAIM_CLOSED", "this unit has its place; its claim is answered no more");
    case "CLAIM_REFUSED":
      return new ForbiddenError("CLAIM_REFUSED", "no lock awaits this claim");
    case "KEY_IN_USE":
      return new ConflictError("another unit has this public key", "KEY_IN_USE", ["input", "publicKey"]);
    case "PROOF_REFUSED":
      return new ForbiddenError("PROOF_REFUSED", "the proof is not the public key's over this claim");
    case "PUBLIC_KEY_INVALID":
      return new InvalidInputError("an Ed25519 public key: 32 bytes, base64url", ["input", "publicKey"], failure);
  }
}
