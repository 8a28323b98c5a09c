import { afterEach, expect, test, vi } from "vitest";
import { KeyMap } from "./key-map.svelte.ts";

afterEach(() => vi.unstubAllGlobals());

const keysOf = (map: KeyMap): string[] => map.bindings.map(({ keys }) => keys);

test("where every letter is text, keys of letters are not listed, and come back with the next page", () => {
  const map = new KeyMap(() => 0, true);
  const all = ["/", "Control+k", "?", "g v", "j", "å", "7", " ", "Enter"];
  const take = map.add(...all.map((keys) => ({ keys, label: keys, group: "", run: () => undefined })));
  map.areLettersText = true;
  expect(keysOf(map)).toEqual(["/", "Control+k", "?", " ", "Enter"]);
  map.areLettersText = false;
  expect(keysOf(map)).toEqual(all);
  take();
  expect(keysOf(map)).toEqual([]);
});

interface Press {
  readonly key: string;
  readonly shiftKey?: boolean;
  readonly ctrlKey?: boolean;
  readonly repeat?: boolean;
}

/** A page with these keys: what pressing them ran, and what was kept from the browser. */
function pageWith(names: readonly string[], isUnderDialog = () => false) {
  vi.stubGlobal("HTMLElement", EventTarget);
  const ran: string[] = [];
  let kept = 0;
  const map = new KeyMap(() => 0, true, isUnderDialog);
  for (const keys of names) map.add({ keys, label: "", group: "", repeats: keys === "j", run: () => ran.push(keys) });
  const press = (...presses: readonly Press[]): void => {
    for (const each of presses) {
      const event: unknown = {
        ...{ defaultPrevented: false, isComposing: false, ctrlKey: false, metaKey: false, altKey: false },
        ...{ shiftKey: false, repeat: false, target: null, preventDefault: () => (kept += 1) },
        ...each,
      };
      if (isPress(event)) map.press(event);
    }
  };
  return { press, ran, kept: () => kept };
}

function isPress(value: unknown): value is KeyboardEvent {
  return typeof value === "object" && value !== null && "key" in value;
}

test("a letter does what its capital on the button says, with Caps Lock and with Shift", () => {
  const { press, ran } = pageWith(["o", "g l", "Control+k", "?"]);
  press({ key: "O" }, { key: "O", shiftKey: true }, { key: "o", shiftKey: true }, { key: "o" });
  press({ key: "G" }, { key: "L" }, { key: "K", ctrlKey: true }, { key: "?", shiftKey: true });
  expect(ran).toEqual(["o", "o", "o", "o", "g l", "Control+k", "?"]);
});

test("a key that is held down acts once, and moves on in lists", () => {
  const { press, ran, kept } = pageWith(["o", " ", "j", "g g"]);
  const held = (key: string): readonly Press[] => [{ key }, { key, repeat: true }, { key, repeat: true }];
  press(...held("o"), ...held(" "), ...held("g"));
  expect(ran).toEqual(["o", " "]);
  // A held space scrolls no page that it has just stopped.
  expect(kept()).toBe(6);
  press(...held("j"));
  expect(ran.slice(2)).toEqual(["j", "j", "j"]);
});

test("under a modal dialog no key of the page counts, nor is anything kept from the dialog", () => {
  let isOpen = true;
  const { press, ran, kept } = pageWith(["o", "b", "g l", "/", "Control+k", "Escape"], () => isOpen);
  const all = ["o", "b", "g", "l", "/", "Escape"].map((key) => ({ key }));
  press(...all, { key: "k", ctrlKey: true });
  expect([ran, kept()]).toEqual([[], 0]);
  isOpen = false;
  press({ key: "l" }, { key: "b" });
  expect(ran).toEqual(["b"]);
});
