/** What one request may cost the hub. */
export interface RequestLimits {
  readonly bodyBytes: number;
  readonly bodyReadMs: number;
  readonly tokens: number;
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly rootFields: number;
  readonly fields: number;
  readonly operationMs: number;
}

/** What may be live at once. */
export interface SocketLimits {
  readonly sockets: number;
  readonly socketsPerCaller: number;
  readonly unknownSocketsPerNetwork: number;
  readonly subscriptionsPerSocket: number;
  readonly subscriptionsPerCaller: number;
  readonly connectionInitMs: number;
}

/** The largest honest request is an operation of about 8 KiB and its variables. */
export const BODY_BYTES_MAX = 256 * 1024;
/** A phone in a stairwell needs a second or two; who takes longer holds a socket for nothing. */
export const BODY_READ_MS_MAX = 10_000;
/** Standard introspection has about 500 tokens, the dashboard's largest operation about 1,000. */
export const TOKENS_MAX = 3_000;
/** Introspection with `ofType` nested as tools ask for it is 13 deep; GraphiQL's goes to 15. */
export const DEPTH_MAX = 16;
/** Aliases multiply the work of one field; a screen needs a handful. */
export const ALIASES_MAX = 30;
/** `@include` and `@skip` of a large operation, and some to spare. */
export const DIRECTIVES_MAX = 50;
/** A screen loads in one request from a few roots. */
export const ROOT_FIELDS_MAX = 20;
/** Selected fields with fragments expanded, before any list is multiplied. */
export const FIELDS_MAX = 500;
/** Price of one operation: fields, each times the page size of the lists around it. */
export const COST_MAX = 5_000;
/** Price of a list whose length isn't known beforehand. */
export const LIST_MULTIPLIER = 10;
/** Longest page of any connection. */
export const FIRST_MAX = 200;
/** Page where the caller names no size. */
export const FIRST_DEFAULT = 50;
/** `waitMs` of openDoor is at most 15 s; beyond that and some slack something hangs. */
export const OPERATION_MS_MAX = 20_000;
/** What is waited for on purpose leaves this much of an operation's time, to read what has become of it and to tell that. */
export const TELLING_MS = 2_000;
/** Five thousand open screens and phones fit into the file descriptors of one process with room for locks. */
export const SOCKETS_MAX = 5_000;
/** A person has a few tabs, an integrator a few processes. */
export const SOCKETS_PER_CALLER_MAX = 20;
/**
 * Sockets of one network that have not said who they are. Each is that for milliseconds, so a municipality behind one
 * address gets in with thousands of tabs after a restart, and yet no single machine holds what all need.
 */
export const UNKNOWN_SOCKETS_PER_NETWORK_MAX = 500;
/** A screen holds about five. */
export const SUBSCRIPTIONS_PER_SOCKET_MAX = 50;
/** Over all sockets and SSE connections of one caller. */
export const SUBSCRIPTIONS_PER_CALLER_MAX = 200;
/** A client says who it is at once after it connects. */
export const CONNECTION_INIT_MS_MAX = 5_000;

/** The limits of one request, as production has them. */
export const REQUEST_LIMITS: RequestLimits = {
  bodyBytes: BODY_BYTES_MAX,
  bodyReadMs: BODY_READ_MS_MAX,
  tokens: TOKENS_MAX,
  depth: DEPTH_MAX,
  aliases: ALIASES_MAX,
  directives: DIRECTIVES_MAX,
  rootFields: ROOT_FIELDS_MAX,
  fields: FIELDS_MAX,
  operationMs: OPERATION_MS_MAX,
};

/** The limits of what is live, as production has them. */
export const SOCKET_LIMITS: SocketLimits = {
  sockets: SOCKETS_MAX,
  socketsPerCaller: SOCKETS_PER_CALLER_MAX,
  unknownSocketsPerNetwork: UNKNOWN_SOCKETS_PER_NETWORK_MAX,
  subscriptionsPerSocket: SUBSCRIPTIONS_PER_SOCKET_MAX,
  subscriptionsPerCaller: SUBSCRIPTIONS_PER_CALLER_MAX,
  connectionInitMs: CONNECTION_INIT_MS_MAX,
};
