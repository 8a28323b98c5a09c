import { z } from "zod";
import { pause, wallTime } from "../clock.ts";
import { LoadError } from "../fault.ts";
import type { SignedRequest } from "../installation/api.ts";

/** A request that leaves later than this was not asked in time, and then nothing that was measured counts. */
const LATE_MS_MAX = 25;

const Answer = z.object({
  data: z.object({ openDoor: z.object({ operation: z.object({ commands: z.array(z.object({ id: z.string() })) }) }) }),
});

/** A press, when it was meant to be sent, and the command that came of it. */
export interface Pressed {
  readonly dueAt: number;
  readonly command: string;
}

/** What a turn of an open model came to; `late` is how many left too late. */
export interface Asked {
  readonly presses: readonly Pressed[];
  readonly late: number;
}

/** Sends each request when its time has come, whatever became of those before. Throws LoadError `ANSWER_WRONG`. */
export async function askOnTime(url: string, requests: readonly SignedRequest[], perSecond: number): Promise<Asked> {
  const startAt = wallTime() + 100;
  let late = 0;
  const presses = requests.map(async ({ body, headers }, n): Promise<Pressed> => {
    const dueAt = startAt + (n * 1_000) / perSecond;
    await pause(Math.max(0, dueAt - wallTime()));
    if (wallTime() - dueAt > LATE_MS_MAX) late += 1;
    const response = await fetch(`${url}/graphql`, { method: "POST", headers, body });
    const text = await response.text();
    const answer = Answer.safeParse(JSON.parse(text));
    const command = answer.data?.data.openDoor.operation.commands[0]?.id;
    if (command === undefined) throw new LoadError("ANSWER_WRONG", text);
    return { dueAt, command };
  });
  return { presses: await Promise.all(presses), late };
}
