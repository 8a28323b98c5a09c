import { createContext } from "svelte";
import type { KeyMap } from "./key-map.svelte.ts";

/** The page's keys, handed down from the frame. Only while a component is made. */
export const [getKeys, setKeys] = createContext<KeyMap>();
