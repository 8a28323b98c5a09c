import {
  execute,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  type ExecutionArgs,
  type GraphQLSchema,
} from "graphql";
import { createYoga, isPromise, type Plugin, type YogaServerInstance } from "graphql-yoga";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import type { Admission } from "./allowance/admission.ts";
import { admittedOnly } from "./allowance/plugin.ts";
import type { Caller, RequestContext } from "./caller.ts";
import { subscribeEachEvent } from "./each-event.ts";
import { createMask } from "./errors.ts";
import type { DirectLine } from "./fan-out/shared-source.ts";
import type { RequestLimits, SocketLimits } from "./limits.ts";
import { broken, limitsBroken } from "./measure.ts";
import { Quota } from "./quota.ts";
import { unfitVariables, wellFormedText } from "./well-formed-text.ts";

/** What a request brings along: the resolvers' context, and when nobody waits for its answer any more. */
export interface ServerContext<Principal extends Caller = Caller> extends RequestContext<Principal> {
  readonly gone: AbortSignal;
  /** When it was heard whole, before anybody looked who asks; its time runs from then on. Absent: from its execution on. */
  readonly askedAt?: number;
  /** Takes answers of a live operation that are made for many. */
  readonly direct?: DirectLine;
}

/** What the engine needs. */
export interface EngineDeps {
  readonly schema: GraphQLSchema;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly admission: Admission;
  readonly limits: RequestLimits;
  readonly socketLimits: SocketLimits;
}

/** Yoga with the hub's limits, masked errors, and no page, cookie, upload or batch of its own. */
export type Engine = YogaServerInstance<ServerContext, object>;

/** Makes the engine that HTTP, SSE and WebSocket share. */
export function createEngine(deps: EngineDeps): Engine {
  const mask = createMask(deps);
  return createYoga<ServerContext, object>({
    schema: deps.schema,
    graphqlEndpoint: "/graphql",
    plugins: [
      requestLimits(deps),
      soundVariables(),
      admittedOnly(deps.admission),
      operationTimeout(deps),
      liveSubscriptions(deps),
    ],
    maskedErrors: { errorMessage: "something went wrong in the hub", maskError: mask },
    logging: false,
    cors: false,
    graphiql: false,
    landingPage: false,
    batching: false,
    multipart: false,
    parserAndValidationCache: { errorCache: NO_CACHE },
  });
}

/** What was wrong is parsed again: an error from the cache would be thrown before anybody could charge it. */
const NO_CACHE = { get: () => undefined, set: () => undefined };

function requestLimits({ limits }: EngineDeps): Plugin<ServerContext> {
  return {
    onParse: ({ setParseFn }) => {
      setParseFn((source, options) => {
        try {
          return parse(source, { ...options, maxTokens: limits.tokens });
        } catch (error) {
          const many = error instanceof GraphQLError && /contains more th(an|at) [0-9]+ tokens/i.test(error.message);
          throw many ? broken("tokens", limits.tokens) : error;
        }
      });
    },
    onValidate: ({ context, validateFn, setValidationFn, addValidationRule }) => {
      addValidationRule(wellFormedText);
      // The schema is no secret, but who explores it must say who they are.
      if (context.principal.anonymous) addValidationRule(NoSchemaIntrospectionCustomRule);
      setValidationFn((schema, document, rules, ...rest) => {
        const errors = limitsBroken(document, limits);
        return errors.length > 0 ? errors : validateFn(schema, document, rules, ...rest);
      });
    },
  };
}

/** Stands before admission in the list, and so behind it at work: what it refuses has been charged. */
function soundVariables(): Plugin<ServerContext> {
  return {
    onExecute: ({ executeFn, setExecuteFn }) => {
      setExecuteFn((args: ExecutionArgs) => {
        const error = unfitVariables(args.variableValues);
        return error === undefined ? executeFn(args) : { errors: [error] };
      });
    },
  };
}

function operationTimeout({ clock, limits }: EngineDeps): Plugin<ServerContext> {
  return {
    onExecute: ({ args: { contextValue }, executeFn, setExecuteFn, extendContext }) => {
      const until = (contextValue.askedAt ?? clock.monotonic()) + limits.operationMs;
      const leftMs = (): number => until - clock.monotonic();
      extendContext({ leftMs });
      setExecuteFn((args: ExecutionArgs) => withinTime(clock, Math.max(0, leftMs()), () => executeFn(args)));
    },
  };
}

function withinTime<Value>(clock: Clock, timeMs: number, work: () => Value | Promise<Value>) {
  const begun = work();
  // What memory answers is there at once, and needs no timer.
  if (!isPromise(begun)) return begun;
  return new Promise<Value | { errors: GraphQLError[] }>((resolve, reject) => {
    const cancel = clock.after(timeMs, () => {
      const extensions = { code: "TIMEOUT", http: { status: 504 } };
      resolve({ errors: [new GraphQLError("no answer in time", { extensions })] });
    });
    begun.then(resolve, reject).finally(cancel);
  });
}

function liveSubscriptions(deps: EngineDeps): Plugin<ServerContext> {
  const { subscriptionsPerCaller, subscriptionsPerSocket } = deps.socketLimits;
  const byCaller = new Quota<string>(subscriptionsPerCaller);
  const bySocket = new Quota<object>(subscriptionsPerSocket);
  return {
    onSubscribe: ({ args: { contextValue }, setSubscribeFn }) => {
      setSubscribeFn((args: ExecutionArgs) => {
        const error = unfitVariables(args.variableValues);
        if (error !== undefined) return { errors: [error] };
        const releaseCaller = byCaller.take(contextValue.principal.key);
        if (releaseCaller === undefined) return { errors: [broken("subscriptions", subscriptionsPerCaller)] };
        const releaseSocket = bySocket.take(contextValue.transport);
        if (releaseSocket === undefined) {
          releaseCaller();
          return { errors: [broken("subscriptionsPerSocket", subscriptionsPerSocket)] };
        }
        return subscribeEachEvent(args, {
          freshContext: () => ({ ...contextValue }),
          execute: (eventArgs) => withinTime(deps.clock, deps.limits.operationMs, () => execute(eventArgs)),
          gone: contextValue.gone,
          direct: contextValue.direct,
          onEnd: () => {
            releaseCaller();
            releaseSocket();
          },
        });
      });
    },
  };
}
