import { InvalidInputError } from "../../../graphql/errors.ts";
import { mayAtAll, type PortnerBuilder } from "../../../identity/index.ts";
import type { addEventTypes, EventTypeDeps } from "./event-types.ts";
import { lastEvents } from "../last-events.ts";

/** What a screen shows of one door without scrolling for long. */
export const LAST_EVENTS_MAX = 50;
const LAST_EVENTS_DEFAULT = 10;

/** Adds `Lock.lastEvents`. */
export function addLastEvents(
  builder: PortnerBuilder,
  { events, refs }: EventTypeDeps,
  { DoorEventRef }: Pick<ReturnType<typeof addEventTypes>, "DoorEventRef">,
): void {
  builder.objectField(refs.LockRef, "lastEvents", (t) =>
    t.field({
      type: [DoorEventRef],
      description: `The newest events at the lock that the caller may see, newest first; at most ${LAST_EVENTS_MAX}.`,
      authScopes: (_view, _args, { principal }) =>
        mayAtAll(principal, "subscribe") || mayAtAll(principal, "readDoorEvents"),
      args: { first: t.arg.int() },
      resolve: async ({ place }, { first }, { principal }) => {
        const wanted = first ?? LAST_EVENTS_DEFAULT;
        if (wanted < 1 || wanted > LAST_EVENTS_MAX) {
          throw new InvalidInputError(`\`first\` is 1 to ${LAST_EVENTS_MAX}`, ["first"]);
        }
        const select = (event: Parameters<typeof events.rights.maySee>[1]): boolean =>
          events.rights.maySee(principal, event);
        return [...(await lastEvents(events, { place, first: wanted, select }))];
      },
    }),
  );
}
