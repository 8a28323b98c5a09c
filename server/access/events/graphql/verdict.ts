/** `Lock.verdict`: what is the case with a lock, in a sentence, and what to do about it. */
import { ForbiddenError } from "../../../graphql/errors.ts";
import { INHERITS_RULE } from "../../../graphql/rules.ts";
import type { PortnerBuilder, Principal } from "../../../identity/index.ts";
import { LockRights, type LockPlace } from "../../../locks/index.ts";
import type { DoorEvent } from "../door-event.ts";
import type { EventTypeDeps } from "./event-types.ts";
import { shownActor } from "../event-rights.ts";
import { lastEvents } from "../last-events.ts";
import type { Advice, Attempt, AttemptEnd } from "../verdict/attempt.ts";
import { verdictOf, type LockVerdict } from "../verdict/lock-verdict.ts";
import { VERDICT_CODES, type VerdictPart } from "../verdict/verdict-part.ts";

/** Adds `Lock.verdict`. */
export function addVerdict(builder: PortnerBuilder, deps: EventTypeDeps): void {
  const VerdictRef = addVerdictType(builder);
  const rights = new LockRights(deps.events.involvement);
  builder.objectField(deps.refs.LockRef, "verdict", (t) =>
    t.field({
      type: VerdictRef,
      description: "The worst that is known of the lock, the last try to get in, and what to do next.",
      complexity: 5,
      authScopes: ({ place }, _args, { principal }) => {
        if (rights.maySeeStatus(principal, place)) return true;
        throw new ForbiddenError("FORBIDDEN", "the status of this lock is not yours to see");
      },
      resolve: async (view, _args, { principal }) => {
        const seen = { ...view, problems: rights.seenProblems(principal, view) };
        return verdictOf(seen, await lastAttempt(deps, principal, view.place));
      },
    }),
  );
}

function addVerdictType(builder: PortnerBuilder) {
  const CodeRef = builder.enumType("VerdictCode", { values: VERDICT_CODES });
  const ToneRef = builder.enumType("VerdictTone", {
    values: {
      OK: { value: "ok" },
      SOON: { value: "soon", description: "Somebody has to see to it within days." },
      URGENT: { value: "urgent", description: "Somebody is, or may be, kept outside." },
      UNKNOWN: { value: "unknown", description: "Nothing can be said: neither good nor bad." },
    } as const,
  });
  const PartRef = builder.objectRef<VerdictPart>("VerdictPart").implement({
    ...INHERITS_RULE,
    description: "One fact that the verdict rests on.",
    fields: (t) => ({
      code: t.expose("code", { type: CodeRef }),
      tone: t.expose("tone", { type: ToneRef }),
      da: t.exposeString("da"),
      en: t.exposeString("en"),
      since: t.expose("since", { type: "DateTime", nullable: true, description: "Null where the hub can't know." }),
    }),
  });
  const AdviceRef = builder.objectRef<Advice>("VerdictAdvice").implement({
    ...INHERITS_RULE,
    fields: (t) => ({ route: t.exposeString("route"), da: t.exposeString("da"), en: t.exposeString("en") }),
  });
  return builder.objectRef<LockVerdict>("LockVerdict").implement({
    ...INHERITS_RULE,
    description: "What is the case with a lock, in one to three sentences.",
    fields: (t) => ({
      code: t.expose("code", { type: CodeRef, description: "The worst fact." }),
      tone: t.expose("tone", { type: ToneRef }),
      at: t.expose("at", { type: "DateTime" }),
      da: t.exposeString("da"),
      en: t.exposeString("en"),
      parts: t.field({ type: [PartRef], description: "Worst first.", resolve: ({ parts }) => [...parts] }),
      advice: t.field({
        type: AdviceRef,
        nullable: true,
        description: "What to do next about the worst of them.",
        resolve: ({ advice }) => advice ?? null,
      }),
    }),
  });
}

/** The last try to get in that the reader may see. Hands from inside and relocks are none. */
async function lastAttempt(
  { events }: EventTypeDeps,
  principal: Principal,
  place: LockPlace,
): Promise<Attempt | undefined> {
  const select = (event: DoorEvent): boolean =>
    endOf(event, principal) !== undefined && events.rights.maySee(principal, event);
  const [event] = await lastEvents(events, { place, first: 1, select });
  const end = event === undefined ? undefined : endOf(event, principal);
  if (event === undefined || end === undefined) return undefined;
  const person = event.actor?.person;
  const card = person === undefined ? undefined : (await events.staff.find([person])).get(person);
  const detail = events.rights.actorDetail(principal, event);
  const { actor, occurredAt: at, via } = event;
  const sources = { actor, card, accountName: undefined, pseudonymSecret: events.pseudonymSecret };
  const employee = shownActor(principal, detail, sources)?.employeeId ?? undefined;
  return { at, employee, remote: via === "remote", end };
}

const BY_SOMEBODY: ReadonlySet<DoorEvent["via"]> = new Set(["phone", "remote", "door", "smartkey"]);

function endOf({ happening, via }: DoorEvent, principal: Principal): AttemptEnd | undefined {
  switch (happening.type) {
    case "DoorOpened":
      return BY_SOMEBODY.has(via) ? { outcome: "opened" } : undefined;
    case "DoorDenied":
      // Accounts see the chain; the side of the door and integrators don't.
      return { outcome: "denied", reason: principal.kind === "dashboard" ? happening.reasons[0] : undefined };
    case "DoorJammed":
      return BY_SOMEBODY.has(via) ? { outcome: "jammed" } : undefined;
    case "CommandSettled":
      return BY_SOMEBODY.has(via) ? { outcome: happening.state } : undefined;
    default:
      return undefined;
  }
}
