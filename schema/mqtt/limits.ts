/** Largest message a lock or a hub reads, in bytes, except `deny`: 4 KiB, what a lock's radio buffer holds. */
export const MESSAGE_BYTES_MAX = 4_096;

/** Largest `deny` document, in bytes: 16 KiB, about 150 denied credentials at once in one tenant. */
export const DENY_BYTES_MAX = 16_384;

/** Entries in a `deny` document: what surely fits {@link DENY_BYTES_MAX} with identifiers of full length. */
export const DENY_ENTRIES_MAX = 120;

/** Longest life of a command from its decision to its expiry, in milliseconds. */
export const COMMAND_LIFE_MS_MAX = 10_000;

/** How far a lock's trusted clock and a command's times may disagree, in milliseconds. */
export const CLOCK_SKEW_MS_MAX = 5_000;

/** How long a challenge, and an answer to it, may be used, in milliseconds. */
export const CHALLENGE_LIFE_MS = 10_000;

/** Longest round trip of a time request whose answer a lock may take the time from, in milliseconds. */
export const TIME_ROUND_TRIP_MS_MAX = 2_000;

/** Above this many signature verifications a second a lock drops input: what a battery-driven processor can bear. */
export const VERIFICATIONS_PER_SECOND_MAX = 5;

/** Fewest events a lock's ring holds on flash until they are acknowledged. */
export const RING_EVENTS_MIN = 2_048;

/** How far beyond its contiguous number a hub holds events that arrived early. */
export const EVENT_WINDOW = 16;

/** First pause before a lock resends what is not acknowledged, in milliseconds; doubled up to the maximum. */
export const RESEND_MS_MIN = 2_000;

/** Longest pause between resends, in milliseconds. */
export const RESEND_MS_MAX = 60_000;

/** How often a lock sends telemetry as its heartbeat, in milliseconds, unless its `cfg` says otherwise. */
export const HEARTBEAT_MS = 30_000;

/** A lock is *silent* after this many heartbeats without a sound. */
export const SILENT_AFTER_HEARTBEATS = 3;

/** Longest validity of a permit, in milliseconds: three days, the most any tenant uses (R39). */
export const PERMIT_LIFE_MS_MAX = 259_200_000;

/** The door locks itself this long after it closed, in milliseconds. */
export const RELOCK_AFTER_CLOSE_MS = 10_000;

/** The door locks itself this long after an opening that nobody used, in milliseconds. */
export const RELOCK_UNUSED_MS = 60_000;

/** Command ids a lock remembers before it refuses until it may raise its floor. */
export const REMEMBERED_COMMANDS_MAX = 512;

/** Command ids named in one summary of refusals. */
export const REFUSED_COMMANDS_MAX = 16;

/** Bundles in one `cfg`. Together with paths and keys of full length the document surely fits {@link MESSAGE_BYTES_MAX}. */
export const CONFIG_BUNDLES_MAX = 16;

/** Paths in one `cfg`: what fits; a door with more homes behind it is opened by bundle. */
export const CONFIG_PATHS_MAX = 24;

/** Keys in one `cfg`: command and permit, each old and new, and one of each to spare. */
export const CONFIG_KEYS_MAX = 6;

/** Grants in one permit: what surely fits {@link MESSAGE_BYTES_MAX}. */
export const PERMIT_GRANTS_MAX = 24;

/** Bytes of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64;

/** Bytes of an HMAC-SHA-256. */
export const MAC_BYTES = 32;
