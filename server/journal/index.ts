export { append, type Appended, type Change } from "./append.ts";
export { appendAllowing } from "./append-allowing.ts";
export { newEntry, type ForeignEntry, type JournalEntry, type NewEntry } from "./entry.ts";
export { preparePartitions, PARTITIONS_AHEAD } from "./partitions.ts";
export { oldestSequence, readAfter } from "./read.ts";
export { Recorder, type HotItem, type Recorded } from "./record.ts";
export { JournalTail, type TailBatch } from "./tail.ts";
export { setApart, type TextApart } from "./text.ts";
export { isForeign, type Item, type SideRows } from "./wire.ts";
