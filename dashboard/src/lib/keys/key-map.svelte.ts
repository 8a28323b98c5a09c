import { untrack } from "svelte";

/** What a press of a key, or of two one after the other, does. */
export interface KeyBinding {
  /**
   * As `KeyboardEvent.key` names it: `"/"`, `"?"`, `"Enter"`, `" "`, `"j"`; two in a row: `"g l"`; `"Control+k"`. Letters
   * are small ones, and meet capitals too, with Caps Lock as with Shift.
   */
  readonly keys: string;
  /** What it does, for the list of keys. */
  readonly label: string;
  /** Heading it stands under in the list of keys. */
  readonly group: string;
  readonly run: (event: KeyboardEvent) => void;
  /** Whether it counts just now; absent: always. */
  readonly when?: () => boolean;
  /** Whether it goes on while the key is held down; absent: once a press. */
  readonly repeats?: boolean;
}

/** A letter or digit by itself, or the first of two keys. */
const BEGINS_WITH_LETTER = /^[\p{L}\p{N}](?: |$)/u;
/** The second key of two comes within this. */
const SECOND_KEY_MS = 1_200;

/**
 * All keys of a page. Single letters never fire where somebody types, and can be switched off as a whole (WCAG 2.1.4).
 * Under a modal dialog none of them counts: what it was opened for would be left by a slip.
 */
export class KeyMap {
  /** Newest last: what stands on a page comes before its frame. */
  #bindings: readonly KeyBinding[] = $state.raw([]);
  #first = "";
  #firstAtMs = 0;
  readonly #monotonic: () => number;
  readonly #isUnderDialog: () => boolean;
  /** Whether keys without a modifier count. */
  areSingleKeysOn: boolean = $state(true);
  /** Whether every letter on this page is typed text, wherever the focus is; keys of letters then do nothing. */
  areLettersText: boolean = $state(false);

  constructor(monotonic: () => number, areSingleKeysOn: boolean, isUnderDialog: () => boolean = hasModal) {
    this.#monotonic = monotonic;
    this.#isUnderDialog = isUnderDialog;
    this.areSingleKeysOn = areSingleKeysOn;
  }

  /** Keys that do something on this page, as a list of keys shows them. */
  get bindings(): readonly KeyBinding[] {
    if (!this.areLettersText) return this.#bindings;
    return this.#bindings.filter(({ keys }) => !BEGINS_WITH_LETTER.test(keys));
  }

  /** Adds keys until the answer is called; use it in `$effect`. */
  add(...bindings: readonly KeyBinding[]): () => void {
    // Whoever adds keys in an effect does not depend on those of others.
    untrack(() => (this.#bindings = [...this.#bindings, ...bindings]));
    return () => {
      untrack(() => (this.#bindings = this.#bindings.filter((each) => !bindings.includes(each))));
    };
  }

  /** Hears a press anywhere on the page. */
  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const withModifier = event.ctrlKey || event.metaKey;
    if (event.altKey || this.#isUnderDialog()) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const key = withModifier ? `Control+${name}` : name;
    if (!withModifier && (isTypedInto(event.target) || !this.#counts(event))) return;
    const found = event.repeat ? this.#usable.findLast(({ keys }) => keys === key) : this.#find(key);
    if (found === undefined) return;
    event.preventDefault();
    if (!event.repeat || found.repeats === true) found.run(event);
  }

  get #usable(): readonly KeyBinding[] {
    return this.#bindings.filter(({ when }) => when?.() ?? true);
  }

  #counts(event: KeyboardEvent): boolean {
    if (isPressable(event.target) && (event.key === "Enter" || event.key === " ")) return false;
    return this.areSingleKeysOn || event.key.length > 1;
  }

  #find(key: string): KeyBinding | undefined {
    const now = this.#monotonic();
    const pair = now - this.#firstAtMs < SECOND_KEY_MS ? `${this.#first} ${key}` : "";
    this.#first = key;
    this.#firstAtMs = now;
    const usable = this.#usable;
    const found = usable.findLast(({ keys }) => keys === pair) ?? usable.findLast(({ keys }) => keys === key);
    if (found?.keys === pair) this.#first = "";
    return found;
  }
}

function hasModal(): boolean {
  return document.querySelector(":modal") !== null;
}

function isTypedInto(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return (
    target instanceof HTMLInputElement && !["button", "checkbox", "radio", "submit", "reset"].includes(target.type)
  );
}

// A button that has the focus is pressed by these itself.
function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a[href], summary, input, [role=button]") !== null;
}
