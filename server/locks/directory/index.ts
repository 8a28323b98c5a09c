export { byAddress } from "./address-order.ts";
export { LockDirectory, type DirectoryDeps } from "./lock-directory.ts";
export { addressText, type LockPlace } from "./place.ts";
