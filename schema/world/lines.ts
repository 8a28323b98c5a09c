import { WORLD_DEPTH_MAX } from "./limits.ts";

/** Where each value of a JSON text starts: its line, counted from 1, and the same for what is in it. */
export interface LineTree {
  readonly line: number;
  readonly inside: ReadonlyMap<string | number, LineTree>;
}

/** What was found while the lines were counted. */
export interface LineScan {
  readonly tree: LineTree;
  /** Names that stand twice in one object, with the line of the second. */
  readonly doubled: readonly { readonly line: number; readonly path: readonly (string | number)[] }[];
  /** The first place that is not JSON, if any. */
  readonly broken: { readonly line: number; readonly message: string } | undefined;
}

class NotJson extends SyntaxError {
  override readonly name = "NotJson";
}

const SCALAR =
  /"[ !#-[\]-\u{10ffff}]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\u{10ffff}]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;
const NOTHING: ReadonlyMap<string | number, LineTree> = new Map();

class LineScanner {
  readonly doubled: { line: number; path: readonly (string | number)[] }[] = [];
  #at = 0;
  line = 1;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): LineTree {
    const tree = this.#value([]);
    if (this.#next() !== "") throw new NotJson("text after the end");
    return tree;
  }

  #next(): string {
    for (;;) {
      const character = this.#text.charAt(this.#at);
      if (character === "\n") this.line += 1;
      else if (character !== " " && character !== "\t" && character !== "\r") return character;
      this.#at += 1;
    }
  }

  #take(expected: string): void {
    if (this.#next() !== expected) throw new NotJson(`expected \`${expected}\``);
    this.#at += 1;
  }

  #scalar(): string {
    this.#next();
    SCALAR.lastIndex = this.#at;
    const found = SCALAR.exec(this.#text)?.[0];
    if (found === undefined) throw new NotJson(this.#next() === "" ? "the text ends too early" : "not a JSON value");
    this.#at += found.length;
    return found;
  }

  #value(path: readonly (string | number)[]): LineTree {
    const opening = this.#next();
    const line = this.line;
    if (opening !== "{" && opening !== "[") {
      this.#scalar();
      return { line, inside: NOTHING };
    }
    if (path.length >= WORLD_DEPTH_MAX) throw new NotJson("nested too deeply");
    this.#at += 1;
    return { line, inside: opening === "{" ? this.#members(path) : this.#items(path) };
  }

  #members(path: readonly (string | number)[]): ReadonlyMap<string | number, LineTree> {
    const inside = new Map<string | number, LineTree>();
    while (this.#next() !== "}") {
      if (inside.size > 0) this.#take(",");
      if (this.#next() !== '"') throw new NotJson("expected a name in quotes");
      const line = this.line;
      const name = String(JSON.parse(this.#scalar()));
      this.#take(":");
      if (inside.has(name)) this.doubled.push({ line, path: [...path, name] });
      inside.set(name, { line, inside: this.#value([...path, name]).inside });
    }
    this.#at += 1;
    return inside;
  }

  #items(path: readonly (string | number)[]): ReadonlyMap<string | number, LineTree> {
    const inside = new Map<string | number, LineTree>();
    while (this.#next() !== "]") {
      if (inside.size > 0) this.#take(",");
      inside.set(inside.size, this.#value([...path, inside.size]));
    }
    this.#at += 1;
    return inside;
  }
}

/** Counts the lines of a JSON text, strictly; never throws. */
export function scanLines(text: string): LineScan {
  const scanner = new LineScanner(text);
  try {
    return { tree: scanner.scan(), doubled: scanner.doubled, broken: undefined };
  } catch (cause) {
    if (!(cause instanceof NotJson)) throw cause;
    const broken = { line: scanner.line, message: cause.message };
    return { tree: { line: 1, inside: NOTHING }, doubled: scanner.doubled, broken };
  }
}

/** The line of the value at a path, or of the nearest thing around it that exists. */
export function lineAt(tree: LineTree, path: readonly PropertyKey[]): number {
  let here = tree;
  for (const step of path) {
    const inner = typeof step === "symbol" ? undefined : here.inside.get(step);
    if (inner === undefined) return here.line;
    here = inner;
  }
  return here.line;
}
