import { parseGlobalId } from "../../../graphql/scalars.ts";

/** The public id in a global id of this type; nothing in any other text. */
export function publicIdOf(typename: string, globalId: string): string | undefined {
  try {
    const parsed = parseGlobalId(globalId);
    return parsed.typename === typename ? parsed.id : undefined;
  } catch {
    return undefined;
  }
}
