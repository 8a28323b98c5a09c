import { NotFoundError } from "../../../graphql/errors.ts";
import { LiveStream } from "../../../graphql/live-stream.ts";
import { authorise, type KnownPrincipal, type PortnerBuilder, type Principal } from "../../../identity/index.ts";
import { isUuid } from "../../../kernel/ids.ts";
import { operationById, type StoredOperation } from "../store.ts";
import { personsByIds } from "../../../people/index.ts";
import type { OpeningGraphqlDeps } from "./deps.ts";
import { publicIdOf } from "./public-id.ts";
import type { OpeningRefs } from "./types.ts";

/** Adds `commandChanged`. */
export function addCommandChanged(
  builder: PortnerBuilder,
  deps: OpeningGraphqlDeps,
  { OperationRef }: OpeningRefs,
): void {
  builder.subscriptionField("commandChanged", (t) =>
    t.field({
      type: OperationRef,
      description: "An operation as it stands, and again at each change of one of its commands and at its end.",
      authScopes: { signedIn: true },
      args: { id: t.arg.id({ required: true }) },
      subscribe: (_, { id }, { principal }) => watchOperation(deps, principal, String(id)),
      resolve: (stored: StoredOperation) => stored,
    }),
  );
}

async function* watchOperation(
  deps: OpeningGraphqlDeps,
  principal: Principal,
  globalId: string,
): AsyncGenerator<StoredOperation> {
  const id = publicIdOf("Operation", globalId) ?? "";
  const { clock, operations } = deps.opening;
  const live = new LiveStream<true>({ clock, connect: (feed) => operations.onChange(id, () => feed(true)) });
  try {
    yield await visibleOperation(deps, principal, id);
    for await (const _ of live) yield await visibleOperation(deps, principal, id);
  } finally {
    await live.return();
  }
}

/** An operation is seen by whoever made it, and by those who may read the door events of the person who did. */
async function visibleOperation(deps: OpeningGraphqlDeps, principal: Principal, id: string): Promise<StoredOperation> {
  const stored = isUuid(id) ? await operationById(deps.tables, id) : undefined;
  if (stored === undefined || principal.kind === "anonymous") throw new NotFoundError();
  const { tenant, person } = stored.operation;
  const [holder] = person === null ? [] : await personsByIds(deps.tables, [person]);
  const { department, provider } = holder ?? {};
  const facts = { tenant, owner: person ?? undefined, department: department ?? undefined };
  const allowed = authorise(principal, "readDoorEvents", { ...facts, provider: provider ?? undefined });
  if (principal.tenant !== tenant || (!isOwn(principal, stored) && !allowed.ok)) throw new NotFoundError();
  return stored;
}

function isOwn(principal: KnownPrincipal, { operation }: StoredOperation): boolean {
  if (principal.kind === "phone") return principal.credential === operation.credential;
  return principal.kind === "dashboard" && principal.account === operation.account;
}
