import { createContext } from "svelte";

/** Longest text that the hub searches for. */
export const SEARCH_CHARACTERS_MAX = 120;

/** The list below the box, as the box tells of it to screen readers. */
export interface BoxList {
  readonly id: string;
  readonly isOpen: boolean;
  /** Element of the choice that the keyboard stands on. */
  readonly activeId: string | undefined;
}

/** Whether a press in the box asks for the list of keys: nothing that is searched for begins with `?`. */
export function asksForKeys(
  {
    key,
    ctrlKey,
    metaKey,
    altKey,
    isComposing,
  }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "isComposing">,
  text: string,
): boolean {
  return key === "?" && text === "" && !ctrlKey && !metaKey && !altKey && !isComposing;
}

/** The one search box of the frame. The console shows its hits; from other pages Enter leads there. */
export class SearchBox {
  text = $state("");
  /** Set by the page that shows hits: arrows and Enter in the box are its own. */
  hearKey: ((event: KeyboardEvent) => void) | undefined = $state();
  /** Set by the page that shows hits: the box is a combobox then. */
  list: BoxList | undefined = $state.raw();
  #input: HTMLInputElement | undefined;

  /** Puts the cursor into the box. */
  focus(): void {
    this.#input?.focus();
    this.#input?.select();
  }

  /** Told by the frame which element it is. */
  attach(input: HTMLInputElement): () => void {
    this.#input = input;
    return () => (this.#input = undefined);
  }
}

/** The page's search box, handed down from the frame. Only while a component is made. */
export const [getSearchBox, setSearchBox] = createContext<SearchBox>();
