/** What a {@link Lane} is made of. */
export interface LaneOptions {
  /** Names the limit to whoever is refused, and in the metrics. */
  readonly name: string;
  /** Times that a caller may do it at once. */
  readonly capacity: number;
  /** Times that come back each second. */
  readonly restorePerSecond: number;
  /**
   * Whether what runs here is charged to nothing else: neither the caller's cost, nor how much it has under way. For
   * what must get in however busy its caller is.
   */
  readonly reserved: boolean;
  /** Whether all other operations wait for what runs here; only of a reserved lane. */
  readonly first: boolean;
}

/**
 * A budget of its own for some mutations, by caller and counted in times. A field says which one is its own by
 * `extensions: lane.extensions`. An operation is in a reserved lane only if all its root fields are.
 */
export class Lane {
  readonly name: string;
  readonly capacity: number;
  readonly restorePerSecond: number;
  readonly reserved: boolean;
  readonly first: boolean;

  constructor({ name, capacity, restorePerSecond, reserved, first }: LaneOptions) {
    this.name = name;
    this.capacity = capacity;
    this.restorePerSecond = restorePerSecond;
    this.reserved = reserved;
    this.first = first;
  }

  /** What a field of this lane carries. */
  get extensions(): { readonly portnerLane: Lane } {
    return { portnerLane: this };
  }
}

/** The lane of a field, by its extensions. */
export function laneOf(extensions: Readonly<Record<string, unknown>>): Lane | undefined {
  const lane = extensions.portnerLane;
  return lane instanceof Lane ? lane : undefined;
}
