import { toBase64url } from "@portner/schema/mqtt";
import type { World, WorldAddress } from "@portner/schema/world";
import type { Dice } from "./dice.ts";
import { personName, streetNames } from "./names.ts";
import { DISTRICTS, HOUSING_COMPANIES, PROVIDER, SHARED_BUNDLE, type District } from "./organisation.ts";

/** The part of the world that stands in streets. */
export type Homes = Pick<World, "addresses" | "citizens" | "doors" | "paths" | "locks">;

const FLOORS = ["st", "1", "2", "3", "4"] as const;
const SIDES = ["tv", "th"] as const;
const MODELS = ["Portner M1", "Portner M1", "Portner M2"] as const;
/** Houses among the buildings; the others are blocks of flats. */
const HOUSE_SHARE = 0.44;
/** Blocks behind a gate. */
const GATE_SHARE = 0.22;
/** Shared doors whose owner has allowed no lock, or that stand open by day. */
const SHARED_WITHOUT_LOCK_SHARE = 0.12;
/** Flats whose own lock is ordered but not mounted yet. */
const FLAT_WITHOUT_LOCK_SHARE = 0.015;
const EMERGENCY_CALL_SHARE = 0.62;
const HOUSES_PER_STREET = 12;

class Builder {
  readonly homes: Homes = { addresses: [], citizens: [], doors: [], paths: [], locks: [] };
  readonly #dice: Dice;
  readonly #locksWanted: number;
  readonly #streets: ReadonlyMap<District, readonly string[]>;
  readonly #lastNumber = new Map<string, number>();

  constructor(dice: Dice, locksWanted: number) {
    this.#dice = dice;
    this.#locksWanted = locksWanted;
    const streets = streetNames(dice);
    const each = Math.min(
      Math.floor(streets.length / DISTRICTS.length),
      2 + Math.ceil(locksWanted / HOUSES_PER_STREET),
    );
    this.#streets = new Map(DISTRICTS.map((district, at) => [district, streets.slice(at * each, (at + 1) * each)]));
  }

  get finished(): boolean {
    return this.homes.locks.length >= this.#locksWanted;
  }

  /** A house with its own front door, or a block with one or more stairwells, perhaps behind a gate. */
  build(): void {
    const dice = this.#dice;
    const district = this.#district();
    if (dice.chance(HOUSE_SHARE)) {
      this.#home({ district, shared: [], address: this.#address(district, this.#plot(district)) });
      return;
    }
    const company = dice.pick(HOUSING_COMPANIES).externalId;
    const gated = dice.chance(GATE_SHARE);
    const gate = gated ? [this.#sharedDoor("gate", this.#address(district, this.#plot(district)), company)] : [];
    const stairwells = gated ? 2 + dice.below(2) : 1;
    for (let stairwell = 0; stairwell < stairwells && !this.finished; stairwell += 1) {
      this.#stairwell(district, gate, company);
    }
  }

  #district(): District {
    let at = this.#dice.below(100);
    for (const district of DISTRICTS) {
      if (at < district.share) return district;
      at -= district.share;
    }
    return DISTRICTS[0];
  }

  #plot(district: District): { street: string; number: string } {
    const [first = "Havnen", ...others] = this.#streets.get(district) ?? [];
    const street = this.#dice.pick([first, ...others]);
    const number = (this.#lastNumber.get(street) ?? 0) + 1 + this.#dice.below(2);
    this.#lastNumber.set(street, number);
    return { street, number: String(number) };
  }

  #address(district: District, place: Pick<WorldAddress, "street" | "number" | "floor" | "side">): string {
    const externalId = this.#dice.uuid();
    const [postalCode, city] = district.name === "Nord" ? ["4998", "Fjordby Nord"] : ["4999", "Fjordby"];
    this.homes.addresses.push({ externalId, ...place, postalCode, city, district: district.externalId });
    return externalId;
  }

  #stairwell(district: District, gate: readonly string[], company: string): void {
    const plot = this.#plot(district);
    const door = this.#sharedDoor("stairwell", this.#address(district, plot), company);
    const units = this.#dice.shuffle(FLOORS.flatMap((floor) => SIDES.map((side) => ({ floor, side }))));
    for (const unit of units.slice(0, 1 + this.#dice.below(5))) {
      if (this.finished) return;
      this.#home({ district, shared: [...gate, door], address: this.#address(district, { ...plot, ...unit }) });
    }
  }

  #sharedDoor(kind: "gate" | "stairwell", address: string, housingCompany: string): string {
    const externalId = `dør-${this.homes.doors.length + 1}`;
    this.homes.doors.push({ externalId, kind, address, housingCompany });
    if (!this.#dice.chance(SHARED_WITHOUT_LOCK_SHARE)) this.#lock(externalId, `Tilladelse ${housingCompany}`);
    return externalId;
  }

  #home({ district, shared, address }: { district: District; shared: readonly string[]; address: string }): void {
    const dice = this.#dice;
    const { citizens, doors, paths } = this.homes;
    const citizen = `borger-${citizens.length + 1}`;
    const emergencyCall = dice.chance(EMERGENCY_CALL_SHARE);
    const entryReason = emergencyCall && dice.chance(0.8) ? "emergencyCall" : "cannotOpen";
    citizens.push({ externalId: citizen, name: personName(dice), entryReason, emergencyCall, address });
    const door = `dør-${doors.length + 1}`;
    doors.push({ externalId: door, kind: "flat", address });
    // A house without any lock would be no concern of the town's.
    if (shared.length === 0 || !dice.chance(FLAT_WITHOUT_LOCK_SHARE)) this.#lock(door, `Samtykke ${citizen}`);
    const bundles: string[] = [dice.chance(PROVIDER.citizensShare) ? PROVIDER.bundle : district.bundle];
    if (emergencyCall) bundles.push(SHARED_BUNDLE);
    paths.push({ externalId: `vej-${citizens.length}`, citizen, doors: [...shared, door], bundles });
  }

  #lock(door: string, reference: string): void {
    if (this.finished) return;
    const dice = this.#dice;
    const two = (number: number): string => String(number).padStart(2, "0");
    this.homes.locks.push({
      serial: `PM-${String(100_001 + this.homes.locks.length)}`,
      model: dice.pick(MODELS),
      door,
      claim: toBase64url(dice.bytes(32)),
      legalBasis: "SEL § 112",
      consent: { reference, date: `${2023 + dice.below(3)}-${two(1 + dice.below(12))}-${two(1 + dice.below(28))}` },
    });
  }
}

/** Homes, doors and paths with exactly this many locks. */
export function buildings(dice: Dice, locks: number): Homes {
  const builder = new Builder(dice, locks);
  while (!builder.finished) builder.build();
  return builder.homes;
}
