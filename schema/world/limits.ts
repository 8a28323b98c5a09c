/** Faults shown of one file: more than anybody mends by hand, so a file beyond it is of another kind. The total is always told. */
export const WORLD_FAULTS_SHOWN_MAX = 10_000;

/** Largest world file, in characters: about 100,000 locks, the whole country. */
export const WORLD_CHARACTERS_MAX = 134_217_728;

/** Most entries in one list of a world file: four times the country's fitted doors. */
export const WORLD_ENTRIES_MAX = 400_000;

/** Deepest nesting a reader follows; the format itself needs five. */
export const WORLD_DEPTH_MAX = 16;

/** Longest external id: what the care systems and DAR need, with room. */
export const EXTERNAL_ID_LENGTH_MAX = 64;

/** Longest name or street, in characters. */
export const NAME_LENGTH_MAX = 120;

/** Most doors on one path: gate, two stairwell doors and the flat. */
export const PATH_DOORS_MAX = 4;

/** Most bundles one path belongs to. */
export const PATH_BUNDLES_MAX = 16;
