export { LiveClock } from "./clock.svelte.ts";
export { getLive, setLive } from "./context.ts";
export { isCurrent, keepAsking } from "./keep-asking.svelte.ts";
export { Link, type LinkState } from "./link.svelte.ts";
export { Renewed } from "./renewed.svelte.ts";
export { LiveSession } from "./session.ts";
