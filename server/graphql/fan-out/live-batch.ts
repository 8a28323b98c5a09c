/** What a live source is fed: items in order, and how far the source has come with them. */
export interface LiveBatch<Item> {
  readonly items: readonly Item[];
  readonly position: number;
}
