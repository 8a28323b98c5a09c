export { DOOR_EVENT_TYPES, doorEventOf, type DoorEvent, type DoorEventType } from "./door-event.ts";
export {
  openDoorEvents,
  type DoorEventEdge,
  type DoorEventRequest,
  type DoorEventSource,
} from "./door-event-stream.ts";
export { DoorEvents, type DoorEventsDeps } from "./door-events.ts";
export { type ShownActor } from "./event-rights.ts";
export { StaffDirectory, type StaffCard } from "./staff-directory.ts";
