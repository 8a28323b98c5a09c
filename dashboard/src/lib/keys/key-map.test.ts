import { expect, test } from "vitest";
import { KeyMap } from "./key-map.svelte.ts";

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
