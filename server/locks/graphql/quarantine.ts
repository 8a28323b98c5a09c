import { InvalidInputError } from "../../graphql/errors.ts";
import { connectionOf, forwardPage } from "../../graphql/forward.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import { authorise, mayAtAll, type PortnerBuilder, type Principal } from "../../identity/index.ts";
import type { Tables } from "../../kernel/database.ts";
import { keptMessages } from "../store.ts";
import { viewOf } from "../lock-view.ts";
import type { LockListDeps } from "./lists.ts";
import type { LockRef } from "./refs.ts";

/** What the list of quarantined messages stands on. */
export interface QuarantineDeps extends LockListDeps {
  readonly tables: Tables;
}

type KeptRow = Awaited<ReturnType<typeof keptMessages>>[number];

/** Rows read at once, and how often for one page: what is kept is bounded, and so is the search for a department's own. */
const READ_ROWS_MAX = 500;
const READS_MAX = 20;

/** Adds `quarantinedMessages`, for whoever administers or handles faults. */
export function addQuarantinedMessages(builder: PortnerBuilder, deps: QuarantineDeps, LockRef: LockRef): void {
  const MessageRef = builder.objectRef<KeptRow>("QuarantinedMessage").implement({
    ...INHERITS_RULE,
    description: "A lock's message that made no sense, as it was kept for inspection.",
    fields: (t) => ({
      lock: t.field({
        type: LockRef,
        nullable: true,
        resolve: ({ lock }) => {
          const place = lock === null ? undefined : deps.directory.byLock(lock);
          return place === undefined ? null : viewOf(deps, place);
        },
      }),
      channel: t.exposeString("channel"),
      fault: t.exposeString("fault", { description: "What was wrong with it, as a code." }),
      bytes: t.exposeInt("bytes", { description: "Length of the whole message." }),
      payloadBase64: t.string({
        description: "Its beginning, at most 1 KiB.",
        resolve: ({ payload }) => Buffer.from(payload).toString("base64"),
      }),
      receivedAt: t.expose("receivedAt", { type: "DateTime" }),
    }),
  });
  builder.queryField("quarantinedMessages", (t) =>
    t.connection({
      type: MessageRef,
      description: "Messages that made no sense, newest first.",
      authScopes: (_root, _args, { principal }) =>
        mayAtAll(principal, "handleFault") || mayAtAll(principal, "administer"),
      resolve: async (_root, args, { principal }) => {
        const page = forwardPage(args);
        const found = await readPage(deps, principal, { size: page.size + 1, before: readAfter(page.after) });
        return connectionOf(found, page, (row) => `q${row.id}`);
      },
    }),
  );
}

function readAfter(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  const id = /^q([1-9][0-9]{0,9})$/.exec(after)?.[1];
  if (id === undefined) throw new InvalidInputError("a cursor is one that an earlier answer gave", ["after"]);
  return Number(id);
}

async function readPage(
  deps: QuarantineDeps,
  principal: Principal,
  { size, before }: { readonly size: number; readonly before: number | undefined },
): Promise<KeptRow[]> {
  if (principal.kind === "anonymous") return [];
  const found: KeptRow[] = [];
  let position = before;
  for (let reads = 0; reads < READS_MAX && found.length < size; reads += 1) {
    const rows = await keptMessages(deps.tables, principal.tenant, READ_ROWS_MAX, position);
    found.push(...rows.filter((row) => mayInspect(deps, principal, row)));
    position = rows.at(-1)?.id;
    if (rows.length < READ_ROWS_MAX) break;
  }
  return found.slice(0, size);
}

function mayInspect(deps: QuarantineDeps, principal: Principal, { lock, tenant }: KeptRow): boolean {
  if (tenant === null) return false;
  if (authorise(principal, "administer", { tenant }).ok) return true;
  const place = lock === null ? undefined : deps.directory.byLock(lock);
  if (place === undefined) return authorise(principal, "handleFault", { tenant }).ok;
  return deps.rights.mayHandleFaults(principal, place);
}
