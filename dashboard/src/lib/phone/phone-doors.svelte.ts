import type { Document, GraphqlFailure, Result, ResultOf } from "../graphql/index.ts";
import { MY_DOORS, MY_DOORS_VERSION, type PhonePath } from "./documents.ts";

/** A page of ways in is fifty; nobody walks more doors than this. */
const PAGES_MAX = 50;
/** So often it is asked whether the doors are still the same: a right that ended is seen within a minute. */
const LOOK_MS = 30_000;

type DoorsAnswer = ResultOf<typeof MY_DOORS>;

/** What the doors need of their phone. */
export interface PhoneDoorsDeps {
  readonly ask: <Data, Variables>(
    document: Document<Data, Variables>,
    variables: Variables,
  ) => Promise<Result<Data, GraphqlFailure>>;
  readonly monotonicMs: () => number;
  /** Hears whom to call, with each page. */
  readonly hotline: (number: string | null) => Promise<void>;
}

/** The doors that a phone's holder may open, by the hub's last word. */
export class PhoneDoors {
  /** Absent before the first page came. */
  paths: readonly PhonePath[] | undefined = $state.raw();
  /** Whether they are all here; the first can be opened while the rest are still on their way. */
  isWhole = $state(false);
  readonly #deps: PhoneDoorsDeps;
  #version: string | undefined;
  #lookedAtMs = 0;
  #isLooking = false;
  /** The last fetch begun; what an earlier one brings is dropped. */
  #fetchCount = 0;

  constructor(deps: PhoneDoorsDeps) {
    this.#deps = deps;
  }

  /** Fetches them anew; what was there stays until all are here. Answers why not, where it could not. */
  async fetch(): Promise<GraphqlFailure | undefined> {
    this.#fetchCount += 1;
    const count = this.#fetchCount;
    const paths: PhonePath[] = [];
    let version: string | undefined;
    let hasMore = false;
    let after: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer: Result<DoorsAnswer, GraphqlFailure> = await this.#deps.ask(MY_DOORS, { after });
      if (!answer.ok) return answer.failure;
      if (count !== this.#fetchCount) return undefined;
      const { viewer, myPaths, myPathsVersion }: DoorsAnswer = answer.value;
      if (viewer?.__typename === "PhoneViewer") await this.#deps.hotline(viewer.hotlinePhone);
      // The first page's: where the doors change between two pages, the next look finds it.
      version ??= myPathsVersion;
      const known = new Set(paths.map(({ id }) => id));
      paths.push(...myPaths.edges.flatMap(({ node }) => (known.has(node.id) ? [] : [node])));
      after = myPaths.pageInfo.endCursor;
      hasMore = myPaths.pageInfo.hasNextPage;
      // What is there already stays until there is more: a card under somebody's thumb must not go.
      if (!this.isWhole && paths.length > (this.paths?.length ?? -1)) this.paths = [...paths];
      if (!hasMore) break;
    }
    this.paths = paths;
    this.isWhole = !hasMore;
    this.#version = version;
    this.#lookedAtMs = this.#deps.monotonicMs();
    return undefined;
  }

  /** Fetches them anew where the hub says that they are others; asks now and then only. */
  async look(): Promise<void> {
    const nowMs = this.#deps.monotonicMs();
    if (this.#isLooking || nowMs - this.#lookedAtMs < LOOK_MS) return;
    this.#lookedAtMs = nowMs;
    this.#isLooking = true;
    const answer = await this.#deps.ask(MY_DOORS_VERSION, {});
    if (answer.ok && answer.value.myPathsVersion !== this.#version) await this.fetch();
    this.#isLooking = false;
  }

  /** Forgets them: they were another phone's, or may be others by now. */
  forget(): void {
    this.#fetchCount += 1;
    this.paths = undefined;
    this.isWhole = false;
  }
}
