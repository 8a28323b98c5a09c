/** The query `attention`: what needs somebody now, by cause. */
import type { DenialReason } from "@portner/schema/access";
import type { SchemaShape } from "../../../graphql/builder.ts";
import { pageSize } from "../../../graphql/page.ts";
import { INHERITS_RULE } from "../../../graphql/rules.ts";
import { mayAtAll, type Operation, type PortnerBuilder, type Principal } from "../../../identity/index.ts";
import type { LockView } from "../../../locks/index.ts";
import {
  DENIALS_MIN,
  DENIALS_WITHIN_MS,
  findAttention,
  SILENT_LONG_MS,
  type Attention,
  type AttentionItem,
} from "../attention.ts";
import type { DoorEvents } from "../door-events.ts";
import { shownActor } from "../event-rights.ts";

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaShape<Principal, Operation>>;
type Ref<Value> = PothosSchemaTypes.ObjectRef<Types, Value>;

/** What the query stands on. */
export interface AttentionGraphqlDeps {
  readonly events: DoorEvents;
  readonly lockOf: (lock: number) => LockView | undefined;
  readonly refs: { readonly LockRef: Ref<LockView>; readonly NextStepRef: Ref<DenialReason> };
}

const MINUTE_MS = 60_000;

/** Adds `attention` to the schema. */
export function extendAttention(builder: PortnerBuilder, deps: AttentionGraphqlDeps): void {
  const AttentionRef = addAttention(builder, addItem(builder, deps));
  builder.queryField("attention", (t) =>
    t.field({
      type: [AttentionRef],
      description:
        "What needs somebody now, in the caller's reach: every cause once that is theirs to know, the most urgent first.",
      complexity: 20,
      authScopes: (_root, _args, { principal }) =>
        mayAtAll(principal, "readLockStatus") ||
        mayAtAll(principal, "readBatteryList") ||
        mayAtAll(principal, "subscribe"),
      resolve: async (_root, _args, { principal }) => [...(await findAttention(deps, principal))],
    }),
  );
}

function addAttention(builder: PortnerBuilder, ItemRef: Ref<AttentionItem>): Ref<Attention> {
  const denials = `Denied ${DENIALS_MIN} times or more within ${DENIALS_WITHIN_MS / MINUTE_MS} minutes at the same door.`;
  const CauseRef = builder.enumType("AttentionCause", {
    values: {
      DENIED_AGAIN: { value: "DENIED_AGAIN", description: denials },
      JAMMED: { value: "JAMMED" },
      TAMPERED: { value: "TAMPERED" },
      QUARANTINED: { value: "QUARANTINED" },
      SILENT_LONG: {
        value: "SILENT_LONG",
        description: `Not heard for ${SILENT_LONG_MS / MINUTE_MS} minutes or more.`,
      },
      LOW_BATTERY: { value: "LOW_BATTERY" },
    } as const,
  });
  return builder.objectRef<Attention>("Attention").implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      cause: t.field({ type: CauseRef, resolve: ({ cause }) => cause }),
      count: t.int({ description: "Of all of them.", resolve: ({ items }) => items.length }),
      items: t.field({
        type: [ItemRef],
        description: "Longest first; of denials, the last one first.",
        args: { first: t.arg.int() },
        resolve: ({ items }, { first }) => items.slice(0, pageSize(first)),
      }),
    }),
  });
}

function addItem(builder: PortnerBuilder, { events, refs }: AttentionGraphqlDeps): Ref<AttentionItem> {
  return builder.objectRef<AttentionItem>("AttentionItem").implement({
    ...INHERITS_RULE,
    description: "One lock that needs somebody.",
    fields: (t) => ({
      lock: t.field({ type: refs.LockRef, resolve: ({ lock }) => lock }),
      since: t.expose("since", {
        type: "DateTime",
        nullable: true,
        description: "Of denials, when the last one was. Null where the hub can't know.",
      }),
      times: t.exposeInt("times", { description: "How many denials; 1 for everything else." }),
      employeeId: t.string({
        nullable: true,
        description: "User id of whoever was denied last, for those who may know it.",
        resolve: async ({ last }, _args, { principal }) => {
          const person = last?.actor?.person;
          if (last === undefined || person === undefined) return null;
          const card = (await events.staff.find([person])).get(person);
          const detail = events.rights.actorDetail(principal, last);
          const { pseudonymSecret } = events;
          const sources = { actor: last.actor, card, accountName: undefined, pseudonymSecret };
          return shownActor(principal, detail, sources)?.employeeId ?? null;
        },
      }),
      nextStep: t.field({
        type: refs.NextStepRef,
        nullable: true,
        description: "What whoever was denied last does next.",
        resolve: ({ last }) => (last?.happening.type === "DoorDenied" ? (last.happening.reasons[0] ?? null) : null),
      }),
    }),
  });
}
