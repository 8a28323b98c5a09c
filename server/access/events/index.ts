export { AccessInvolvement, type InvolvementDeps } from "./access-involvement.ts";
export { CommandOrigins } from "./command-origins.ts";
export { DOOR_EVENT_TYPES, doorEventOf, type DoorEvent, type DoorEventType } from "./door-event.ts";
export { DoorEventFeed } from "./door-event-feed.ts";
export {
  openDoorEvents,
  type DoorEventEdge,
  type DoorEventRequest,
  type DoorEventSource,
} from "./door-event-stream.ts";
export { EventRights, shownActor, type EventRightsDeps, type ShownActor } from "./event-rights.ts";
export { StaffDirectory, type StaffCard } from "./staff-directory.ts";
