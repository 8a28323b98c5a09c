import { FanOut } from "../../graphql/fan-out/fan-out.ts";
import type { JournalTail } from "../../journal/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Database, Sql } from "../../kernel/database.ts";
import type { Involvement, LockDirectory } from "../../locks/index.ts";
import type { AccessIndex } from "../access-index.ts";
import { CommandOrigins } from "./command-origins.ts";
import { ConsultedInvolvement } from "./consulted-involvement.ts";
import { DoorEventFeed, type Candidate } from "./door-event-feed.ts";
import type { DoorEventEdge } from "./door-event-place.ts";
import { EventRights } from "./event-rights.ts";
import type { SharedDoorEventSource } from "./shared-door-events.ts";
import { StaffDirectory } from "./staff-directory.ts";

/** What a hub's door events stand on. */
export interface DoorEventsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly index: Pick<AccessIndex, "facts">;
  readonly directory: LockDirectory;
  /** Who has to do with a lock by their rights. */
  readonly involvement: Pick<Involvement, "ownsLock" | "providerServes">;
  /** Secret of this installation, the same on all its hubs: without it nobody turns a pseudonym back into a person. */
  readonly pseudonymSecret: string;
}

/** Everything about door events that one hub has once. */
export class DoorEvents implements SharedDoorEventSource {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly feed = new DoorEventFeed();
  readonly fanOut: FanOut<Candidate, DoorEventEdge>;
  readonly origins: CommandOrigins;
  readonly staff: StaffDirectory;
  /** Involvement with look-ups counted; locks and events are judged by the same one. */
  readonly involvement: ConsultedInvolvement;
  readonly rights: EventRights;
  readonly directory: LockDirectory;
  readonly index: Pick<AccessIndex, "facts">;
  readonly pseudonymSecret: string;

  constructor({ database, clock, index, directory, involvement, pseudonymSecret }: DoorEventsDeps) {
    this.sql = database.reader;
    this.clock = clock;
    this.directory = directory;
    this.index = index;
    this.fanOut = new FanOut({ clock, feed: this.feed, positionOf: ({ sequence }) => sequence });
    this.pseudonymSecret = pseudonymSecret;
    this.origins = new CommandOrigins(database.reader);
    this.staff = new StaffDirectory(database.tables);
    this.involvement = new ConsultedInvolvement({ involvement, directory, clock });
    this.rights = new EventRights({ index, directory, involvement: this.involvement });
  }

  /** Follows the tail; register it behind the index and the directory, by which its rights are judged. */
  follow(tail: Pick<JournalTail, "onBatch">): void {
    tail.onBatch((batch) => {
      this.origins.take(batch);
      this.staff.take(batch);
      this.involvement.take(batch);
      this.feed.take(batch);
    });
  }
}
