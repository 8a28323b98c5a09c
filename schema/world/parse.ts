import type { z } from "zod";
import type { WorldFault } from "./fault.ts";
import { WORLD_CHARACTERS_MAX, WORLD_FAULTS_SHOWN_MAX } from "./limits.ts";
import { lineAt, scanLines, type LineTree } from "./lines.ts";
import { checkRelations } from "./relations.ts";
import { World } from "./world.ts";

/** A world, or every fault of its file: the first {@link WORLD_FAULTS_SHOWN_MAX} by line, and how many there are. */
export type WorldReading =
  | { readonly ok: true; readonly world: World }
  | { readonly ok: false; readonly faults: readonly WorldFault[]; readonly total: number };

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? String(step) : `${text}.${String(step)}`;
  }, "");
}

function refuse(faults: readonly WorldFault[]): WorldReading {
  const ordered = faults.toSorted((a, b) => a.line - b.line);
  return { ok: false, faults: ordered.slice(0, WORLD_FAULTS_SHOWN_MAX), total: faults.length };
}

function shapeFaults(tree: LineTree, issues: readonly z.core.$ZodIssue[]): WorldFault[] {
  return issues.flatMap((issue): WorldFault[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => {
        const path = [...issue.path, key];
        const message = "not a field of the format";
        return { line: lineAt(tree, path), path: pathText(path), code: "UNKNOWN_FIELD", message };
      });
    }
    const message = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
    return [{ line: lineAt(tree, issue.path), path: pathText(issue.path), code: "BAD_VALUE", message }];
  });
}

/** Whether a path is one of these, or leads into what stands there. */
function isWithin(path: string, outer: ReadonlyMap<string, unknown>): boolean {
  return [...path.matchAll(/[.[]|$/g)].some(({ index }) => outer.has(path.slice(0, index)));
}

/**
 * Reads a world file. Never throws, and never reads half: either everything in it is sound, or all faults are told,
 * each with its line: of form, of value, and between entries. Each cause is told once, and between entries it looks
 * where no name stands twice.
 */
export function parseWorld(text: string): WorldReading {
  if (text.length > WORLD_CHARACTERS_MAX) {
    const message = `more than ${WORLD_CHARACTERS_MAX} characters`;
    return refuse([{ line: 1, path: "", code: "TOO_LARGE", message }]);
  }
  const { tree, doubled, broken } = scanLines(text);
  if (broken !== undefined) return refuse([{ line: broken.line, path: "", code: "NOT_JSON", message: broken.message }]);
  const value: unknown = JSON.parse(text);
  const twice = new Map(doubled.toReversed().map(({ line, path }) => [pathText(path), line] as const));
  const faults = [...twice].map(([path, line]): WorldFault => {
    return { line, path, code: "DOUBLED_NAME", message: "this name stands twice in its object" };
  });
  const shape = World.safeParse(value);
  if (!shape.success) {
    faults.push(...shapeFaults(tree, shape.error.issues).filter(({ path }) => !isWithin(path, twice)));
  }
  // Of a name that stands twice nobody knows which value is meant, and so not what others refer to.
  if (twice.size === 0) {
    checkRelations(value, ({ path, code, message }) => {
      faults.push({ line: lineAt(tree, path), path: pathText(path), code, message });
    });
  }
  return shape.success && faults.length === 0 ? { ok: true, world: shape.data } : refuse(faults);
}
