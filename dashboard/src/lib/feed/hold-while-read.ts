import type { Feed } from "./feed.ts";

/** Scrolled further than this, somebody reads what is below. */
const SCROLLED_PX = 48;

/** Holds a feed's picture while somebody points at it, stands in it by keyboard, marks text in it or has scrolled. */
export function holdWhileRead(feed: Pick<Feed, "hold">, { followsScroll }: { readonly followsScroll: boolean }) {
  return (list: HTMLElement): (() => void) => {
    const hearing = new AbortController();
    const { signal } = hearing;
    const hover = (isOn: boolean) => (event: PointerEvent) => {
      // A finger that lifts leaves no pointer behind, and would hold for ever.
      if (event.pointerType === "mouse") feed.hold("hover", isOn);
    };
    list.addEventListener("pointerenter", hover(true), { signal });
    list.addEventListener("pointerleave", hover(false), { signal });
    list.addEventListener("focusin", () => feed.hold("focus", true), { signal });
    list.addEventListener("focusout", ({ relatedTarget }) => feed.hold("focus", isIn(list, relatedTarget)), { signal });
    list.ownerDocument.addEventListener("selectionchange", () => feed.hold("selection", isMarked(list)), { signal });
    if (followsScroll) {
      window.addEventListener("scroll", () => feed.hold("scroll", window.scrollY > SCROLLED_PX), {
        signal,
        passive: true,
      });
    }
    return () => hearing.abort();
  };
}

function isIn(list: HTMLElement, target: EventTarget | null): boolean {
  return target instanceof Node && list.contains(target);
}

function isMarked(list: HTMLElement): boolean {
  const selection = list.ownerDocument.getSelection();
  return selection !== null && !selection.isCollapsed && isIn(list, selection.anchorNode);
}
