export { failureOf, isOutcomeUnknown, UNREACHABLE, type GraphqlFailure } from "./failure.ts";
export { readAnswer, request, textOf, type Document, type Fetch, type RequestOptions } from "./request.ts";
export type { Result } from "./result.ts";
export { openSocket, type GraphqlSocket, type SocketEvents, type SubscriptionEvents } from "./socket.ts";
export { graphql, type FragmentOf, type ResultOf, type VariablesOf } from "./tada.ts";
