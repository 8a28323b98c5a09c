export { byAddress, LockDirectory, type DirectoryDeps } from "./lock-directory.ts";
export { type LockPlace } from "./place.ts";
