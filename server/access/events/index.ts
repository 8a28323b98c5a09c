export { DoorEvents, type DoorEventsDeps } from "./door-events.ts";
export { type ShownActor } from "./event-rights.ts";
export { type StaffDirectory } from "./staff-directory.ts";
