import { createContext } from "svelte";
import type { LiveSession } from "./session.ts";

/** The page's one conversation with the hub, handed down from the frame. Only while a component is made. */
export const [getLive, setLive] = createContext<LiveSession>();
