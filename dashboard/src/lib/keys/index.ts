export { getKeys, setKeys } from "./context.ts";
export { KeyMap, type KeyBinding } from "./key-map.svelte.ts";
