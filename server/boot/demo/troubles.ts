import type { World } from "@portner/schema/world";

/** Whoever starts a small town wants every door of it to work. */
const TROUBLED_TOWN_LOCKS_MIN = 1_000;
/** Of so many locks one jams, one has nearly empty cells, one door stays ajar, one modem garbles, and one radio dies. */
const JAMMED_EVERY = 300;
const WEAK_EVERY = 150;
const AJAR_EVERY = 400;
const GARBLED_EVERY = 700;
const SILENT_EVERY = 600;

/** What is wrong in a town, so that a visitor sees what it looks like. */
export interface Troubles {
  /** The simulator's plan of behaviours, by serial number. */
  readonly behaviours: Readonly<
    Record<string, readonly { readonly kind: "jam" | "weakBattery" | "ajar" | "garbledLink" }[]>
  >;
  /** Serial numbers of locks that go silent as soon as the town has come up. */
  readonly silent: readonly string[];
}

/** The troubles of a town: the same for the same town, none in a small one. */
export function troublesOf({ locks }: Pick<World, "locks">): Troubles {
  if (locks.length < TROUBLED_TOWN_LOCKS_MIN) return { behaviours: {}, silent: [] };
  const every = (step: number, first: number): readonly string[] =>
    locks.filter((_, at) => at % step === first).map(({ serial }) => serial);
  const kinds = [
    ...every(JAMMED_EVERY, 7).map((serial) => [serial, [{ kind: "jam" as const }]] as const),
    ...every(WEAK_EVERY, 11).map((serial) => [serial, [{ kind: "weakBattery" as const }]] as const),
    ...every(GARBLED_EVERY, 19).map((serial) => [serial, [{ kind: "garbledLink" as const }]] as const),
    ...every(AJAR_EVERY, 13).map((serial) => [serial, [{ kind: "ajar" as const }]] as const),
  ];
  return { behaviours: Object.fromEntries(kinds), silent: every(SILENT_EVERY, 17) };
}
