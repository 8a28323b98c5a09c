import { hkdfSync } from "node:crypto";
import { toBase64url, type Decoded, type TrustedKey } from "@portner/schema/mqtt";
import type { Tables } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import type { Sealing } from "../kernel/sealing.ts";
import { allTenants, openTenantKey, signingKey, tenantKeys, type TenantKey } from "../people/index.ts";
import type { SigningKey, SigningPurpose } from "./signer.ts";
import { publicKeyFrom, signedBy } from "./verify.ts";

/** Telemetry keys and claims: 256 bits each. */
const DERIVED_BYTES = 32;

/** The keys of every tenant, opened. Loaded at the start and when a tenant is imported. */
export class Keyring {
  #keys = new Map<number, readonly TenantKey[]>();
  #signing = new Map<string, SigningKey>();

  /** Loads every tenant's keys. Throws PortnerError `SEAL_BROKEN` when the hub's own key is not the one they were sealed with. */
  async load(tables: Tables, sealing: Sealing): Promise<void> {
    const keys = new Map<number, readonly TenantKey[]>();
    for (const tenant of await allTenants(tables)) {
      const stored = await tenantKeys(tables, tenant.id);
      keys.set(
        tenant.id,
        stored.map((key) => openTenantKey(sealing, key)),
      );
    }
    this.#keys = keys;
    this.#signing = new Map();
  }

  /** The key that a tenant's messages of a purpose are signed with: the newest. */
  signing(tenant: number, purpose: SigningPurpose): SigningKey | undefined {
    const name = `${tenant}:${purpose}`;
    const held = this.#signing.get(name);
    if (held !== undefined) return held;
    const key = this.#keys.get(tenant)?.findLast((each) => each.purpose === purpose);
    if (key === undefined) return undefined;
    const made = { kid: key.kid, key: signingKey(key.secret) };
    this.#signing.set(name, made);
    return made;
  }

  /** The keys that a tenant's locks must trust, for their `cfg`. */
  trusted(tenant: number): TrustedKey[] {
    return (this.#keys.get(tenant) ?? []).flatMap(({ kid, purpose, publicKey }) =>
      (purpose === "command" || purpose === "permit") && publicKey !== null
        ? [{ kid, purpose, key: toBase64url(publicKey) }]
        : [],
    );
  }

  /** Whether a message was signed by a tenant's own key of this purpose: what the broker gives back may be anybody's. */
  verifies(
    tenant: number,
    purpose: SigningPurpose,
    signed: Pick<Decoded<"deny">, "kid" | "signingInput" | "signature">,
  ) {
    const key = this.#keys.get(tenant)?.find((each) => each.purpose === purpose && each.kid === signed.kid);
    if (key === undefined || key.publicKey === null) return false;
    return signedBy(publicKeyFrom(key.publicKey), signed.signingInput, signed.signature);
  }

  /** The root key that a lock is given when it is commissioned. */
  root(tenant: number): { readonly kid: string; readonly key: string } {
    const key = this.#keys.get(tenant)?.findLast((each) => each.purpose === "root");
    if (key?.publicKey === null || key === undefined) throw new InvariantError(`tenant ${tenant} has no root key`);
    return { kid: key.kid, key: toBase64url(key.publicKey) };
  }

  /**
   * The one-time claim of the unit that takes a unit's place, 43 characters. Derived, so that whoever decommissioned it
   * can be told again when the answer was lost, while only its digest is stored.
   */
  claimAfter(tenant: number, unitId: string): string {
    return toBase64url(this.#derived(tenant, `portner claim after ${unitId}`));
  }

  /** A unit's telemetry key: derived from the tenant's secret, so that nothing is stored a unit. */
  telemetryKey(tenant: number, unitId: string): Uint8Array {
    return this.#derived(tenant, `portner telemetry ${unitId}`);
  }

  #derived(tenant: number, info: string): Uint8Array {
    const key = this.#keys.get(tenant)?.findLast((each) => each.purpose === "telemetry");
    if (key === undefined) throw new InvariantError(`tenant ${tenant} has no telemetry secret`);
    return new Uint8Array(hkdfSync("sha256", key.secret, "", info, DERIVED_BYTES));
  }
}
