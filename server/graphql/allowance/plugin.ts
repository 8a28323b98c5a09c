import type { ExecutionArgs, ExecutionResult } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { RequestContext } from "../caller.ts";
import type { Admission } from "./admission.ts";
import { endedAnswer, turnedAwayAnswer, turnedAwayError, withCost } from "./answer.ts";

/** Lets each operation of HTTP, SSE and WebSocket through admission before anything of it is executed. */
export function admittedOnly(admission: Admission): Plugin<RequestContext> {
  return {
    onParse: () => {
      return ({ context, result }) => {
        const away = result instanceof Error ? admission.refuse(context) : undefined;
        // Thrown, because yoga makes 400 of every error that is a result of parsing.
        if (away !== undefined) throw turnedAwayError(away, context.transport);
      };
    },
    onValidate: ({ context }) => {
      return ({ valid }) => {
        const away = valid ? undefined : admission.refuse(context);
        // Thrown, because yoga makes 400 of every error that is a result of validation.
        if (away !== undefined) throw turnedAwayError(away, context.transport);
      };
    },
    onExecute: ({ args: { contextValue }, executeFn, setExecuteFn, extendContext }) => {
      const { principal, transport } = contextValue;
      setExecuteFn(async (args: ExecutionArgs): Promise<ExecutionResult> => {
        const admitted = admission.execute(contextValue, args);
        if (!admitted.ok) return turnedAwayAnswer(admitted, transport);
        const { price, report, release } = admitted;
        if (price !== undefined) extendContext({ price });
        try {
          const turn = admission.turn(admitted);
          if (turn !== undefined) await turn;
          // What it was held back for may have been the block of this very caller.
          if (principal.ended.aborted) return endedAnswer(transport);
          const result: ExecutionResult = await executeFn(args);
          return report === undefined ? result : withCost(result, report, transport);
        } finally {
          release();
        }
      });
    },
    onSubscribe: ({ args, setResultAndStopExecution, extendContext }) => {
      const { contextValue } = args;
      const admitted = admission.subscribe(contextValue, args);
      if (!admitted.ok) setResultAndStopExecution(turnedAwayAnswer(admitted, contextValue.transport));
      else if (admitted.price !== undefined) extendContext({ price: admitted.price });
    },
  };
}
