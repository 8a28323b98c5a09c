import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { SimulatorError } from "../ground/fault.ts";
import { StoredKey } from "./device-key.ts";

/** What a phone remembers between runs. A key without a session was made but not surely enrolled. */
export const PhoneState = z.strictObject({
  version: z.literal(1),
  employee: z.string(),
  key: StoredKey,
  session: z
    .strictObject({ token: z.string(), credential: z.string(), expiresAt: z.number() })
    .optional()
    .describe("Token and end (milliseconds since the epoch) of the session."),
});
/** See {@link PhoneState}. */
export type PhoneState = z.infer<typeof PhoneState>;

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The phones' files in one folder, readable by their owner only. */
export class PhoneFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** The state of an employee's phone; `undefined` when there is none. Throws STATE_BROKEN when it can't be read. */
  async load(employee: string): Promise<PhoneState | undefined> {
    const path = this.#path(employee);
    const text = await readFile(path, "utf8").catch((cause: unknown) => {
      if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
      throw new SimulatorError("STATE_BROKEN", `\`${path}\` can't be read`, { cause });
    });
    if (text === undefined) return undefined;
    const state = PhoneState.safeParse(readJson(text));
    if (!state.success) throw new SimulatorError("STATE_BROKEN", `\`${path}\` is no phone's state`);
    return state.data;
  }

  /** Stores a state so that a loss of power leaves the old or the new one. */
  async save(state: PhoneState): Promise<void> {
    const path = this.#path(state.employee);
    const file = await open(`${path}.new`, "w", 0o600);
    try {
      await file.writeFile(JSON.stringify(state));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }

  #path(employee: string): string {
    return join(this.#folder, `${encodeURIComponent(employee)}.json`);
  }
}
