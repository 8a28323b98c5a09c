/**
 * What one caller may ask of a hub over time. Cost is counted in the price of an operation (fields, each times the page
 * sizes around it), so that one number fits a look at a lock and a page of two hundred.
 */
export interface Allowance {
  /** Cost that may be spent at once. */
  readonly capacity: number;
  /** Cost that comes back each second, up to the capacity. */
  readonly restorePerSecond: number;
  /** Queries and mutations under way at once, over all its connections. */
  readonly underWay: number;
}

/** For callers that come with none of their own. */
export const ALLOWANCE_DEFAULT: Allowance = { capacity: 100_000, restorePerSecond: 2_000, underWay: 32 };

/**
 * Least cost of a query or subscription: reading a request, finding out who asks and answering takes the hub as long as
 * some 25 fields do.
 */
export const READ_COST_MIN = 25;
/** Least cost of a mutation: most commit a transaction, and all hubs read what it wrote. */
export const WRITE_COST_MIN = 100;
/**
 * Queries and mutations under way at once down one socket. A page has a handful; an opening that waits for its door
 * takes the longest, at most 20 s.
 */
export const UNDER_WAY_PER_SOCKET_MAX = 32;
