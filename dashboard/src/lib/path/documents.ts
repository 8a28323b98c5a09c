import { graphql, type FragmentOf } from "../graphql/index.ts";

/** What changes at a lock, as the live line brings it. */
export const LOCK_FACTS = graphql(`
  fragment LockFacts on Lock {
    id
    inService
    quarantined
    bolt {
      value
      at
    }
    latch {
      value
      at
    }
    door {
      value
      at
    }
    freshness {
      state
      heardAt
      intervalMs
    }
    battery {
      idleMillivolts
      loadMillivolts
      at
    }
    signalDbm
    firmware
    clock {
      trusted
      errorMs
    }
    problems {
      code
      since
      sentence {
        da
        en
      }
    }
  }
`);
/** See {@link LOCK_FACTS}. */
export type LockFacts = FragmentOf<typeof LOCK_FACTS>;

/** A path, with the doors that lie on it from the street inwards. */
export const WAY = graphql(`
  fragment Way on Path {
    id
    home {
      id
      line
    }
    citizen {
      emergencyCall
    }
    doors {
      id
      kind
      address {
        id
        line
      }
      lock {
        id
      }
    }
  }
`);
/** See {@link WAY}. */
export type WayPath = FragmentOf<typeof WAY>;

/** A lock as a door of the way shows it. */
export type WayLock = LockFacts & {
  readonly serial: string;
  readonly model: string;
  readonly addressText: string;
};
