/** Without a frame for this long the line counts as lost, though nothing has said so; the hub beats every 10 s. */
export const SILENT_MS = 15_000;
/** An attempt that has come to nothing for this long hangs; another one may find a way. */
export const ATTEMPT_MS_MAX = 10_000;

/** How fresh the page is. */
export type LinkState =
  /** The first connection is being made, not for long yet; what is shown came with the page. */
  | "connecting"
  | "live"
  /** The line is up again, and what was missed is being fetched. */
  | "catching-up"
  /** The line is lost; what is shown is of `staleSinceMs`. */
  | "stale"
  /** The browser says that it has no network. */
  | "offline"
  /** The session has ended; nothing on the page is renewed any more. */
  | "signed-out";

/** The page's line to the hub, as one word that every screen shows. */
export class Link {
  #line: "connecting" | "up" | "down" = $state("connecting");
  #isSignedOut = $state(false);
  #hasNetwork = $state(true);
  #behind = $state(0);
  // Not of the picture, or each of thousands of frames would draw it anew.
  #lastFrameAtMs = 0;
  #firstTriedAtMs: number | undefined;
  #triedAtMs: number | undefined;
  #heardHubMs: number | undefined;
  /** Hub's time of the last sign of life before the line was last lost; while stale, everything shown is of then. */
  staleSinceMs: number | undefined = $state();
  /** Last measured time from question to answer, in milliseconds. */
  delayMs: number | undefined = $state();
  /** How long nothing has been heard, by the last tick, in milliseconds: beats come every 10 s at the latest. */
  silentForMs = $state(0);
  /** How often the line came up again; a page that shows lists without a stream fetches them anew when it changes. */
  returns = $state(0);

  readonly state: LinkState = $derived.by(() => {
    if (this.#isSignedOut) return "signed-out";
    if (!this.#hasNetwork) return "offline";
    if (this.#line === "connecting") return "connecting";
    if (this.#line === "down") return "stale";
    return this.#behind > 0 ? "catching-up" : "live";
  });

  /** Whether what is on the screen is as it is at the doors. */
  readonly isLive: boolean = $derived(this.state === "live");

  /** A frame came, at this time of the page's monotonic clock and of the hub's. */
  frame(monotonicMs: number, hubMs: number): void {
    this.#lastFrameAtMs = monotonicMs;
    this.silentForMs = 0;
    this.#heardHubMs = hubMs;
  }

  /** An attempt to connect begins. */
  trying(monotonicMs: number): void {
    this.#firstTriedAtMs ??= monotonicMs;
    this.#triedAtMs = monotonicMs;
  }

  /** The line is up. */
  connected(monotonicMs: number): void {
    if (this.#line === "down") this.returns += 1;
    this.#line = "up";
    this.#triedAtMs = undefined;
    this.#lastFrameAtMs = monotonicMs;
    this.silentForMs = 0;
  }

  /** The line is down. */
  lost(hubMs: number): void {
    // A page whose first connection fails is as old as its delivery.
    if (this.#line !== "down") this.staleSinceMs = this.#heardHubMs ?? hubMs;
    this.#line = "down";
  }

  /** Looks whether the line is silent, or hangs before it is up. Answers whether the socket is to be renewed now. */
  tick(monotonicMs: number, hubMs: number): boolean {
    if (this.#isSignedOut) return false;
    if (this.#line !== "up") return this.#hangs(monotonicMs, hubMs);
    this.silentForMs = monotonicMs - this.#lastFrameAtMs;
    if (this.silentForMs < SILENT_MS) return false;
    this.lost(hubMs - this.silentForMs);
    return true;
  }

  /** What came with the page is as old as any other, once the first line has been awaited as long as a silent one is. */
  #hangs(monotonicMs: number, hubMs: number): boolean {
    const awaitedMs = monotonicMs - (this.#firstTriedAtMs ?? monotonicMs);
    if (this.#line === "connecting" && awaitedMs >= SILENT_MS) this.lost(hubMs - awaitedMs);
    if (this.#triedAtMs === undefined || monotonicMs - this.#triedAtMs < ATTEMPT_MS_MAX) return false;
    this.#triedAtMs = monotonicMs;
    return true;
  }

  /** A stream says that it fetches what it missed; call the answer when it has caught up. */
  catchingUp(): () => void {
    let isDone = false;
    this.#behind += 1;
    return () => {
      if (isDone) return;
      isDone = true;
      this.#behind -= 1;
    };
  }

  network(hasNetwork: boolean, hubMs: number): void {
    this.#hasNetwork = hasNetwork;
    if (!hasNetwork) this.lost(hubMs);
  }

  signedOut(): void {
    if (this.#line === "up") this.staleSinceMs = this.#heardHubMs;
    this.#isSignedOut = true;
  }
}
