import { newEntry, setApart, type Recorder } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { JournalUnavailableError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { activePersonByUserId } from "../people/index.ts";
import { searchCitizens, type CitizenRow } from "./store/citizens.ts";

/** Longest purpose: two sentences. */
export const PURPOSE_CHARACTERS_MAX = 300;
/** Shortest purpose: a word. */
export const PURPOSE_CHARACTERS_MIN = 3;
/** Citizens shown by one look-up: who needs more has to say more. */
export const CITIZENS_FOUND_MAX = 20;
/** Fewest characters of a name or address that are looked for; fewer would be leafing through the register. */
export const LOOK_UP_CHARACTERS_MIN = 2;
const LOOK_UP_CHARACTERS_MAX = 120;
const CALLER_CHARACTERS_MAX = 64;

/** Why nothing was looked up. */
export type LookUpFailure =
  | { readonly code: "PURPOSE_MISSING" }
  | { readonly code: "TEXT_INVALID" }
  | { readonly code: "CALLER_MISSING" }
  /** Nobody who is active has this user id: what is shown to a call must not rest on a name out of the air. */
  | { readonly code: "CALLER_UNKNOWN" };

/** What looking up needs. */
export interface LookUpDeps {
  readonly database: Database;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly random: Random;
}

/** A look-up. Whoever calls has authorised it. */
export interface LookUpInput {
  readonly tenant: number;
  /** A part of the name or the address, or the care system's id. */
  readonly text: string;
  readonly purpose: string;
  /** User id of the person who called the hotline, where somebody did, as they said it. */
  readonly callerId?: string | undefined;
  /** Whether the right to look rests on a call, as the hotline's does. */
  readonly answersCall: boolean;
  /** Account that looks up; absent for a phone. */
  readonly actor?: number | undefined;
  readonly person?: number | undefined;
  /** Districts to look in. Absent: all. */
  readonly districts?: readonly number[] | undefined;
}

/** What a look-up found. */
export interface LookUpFound {
  readonly citizens: readonly CitizenRow[];
  /** User id of whoever called, as the care system writes it; null where nobody did. */
  readonly callerId: string | null;
}

/**
 * Looks citizens up by name or address, for a purpose. The entry (who looked, at whom, why) is durable before anything
 * is shown; purpose and caller stand in the erasable table. Rejects with JournalUnavailableError when it can't be
 * written, and shows nothing.
 */
export async function lookUpCitizen(deps: LookUpDeps, input: LookUpInput): Promise<Result<LookUpFound, LookUpFailure>> {
  const purpose = input.purpose.trim();
  const { text, tenant, districts } = input;
  if (purpose.length < PURPOSE_CHARACTERS_MIN || purpose.length > PURPOSE_CHARACTERS_MAX) {
    return fail({ code: "PURPOSE_MISSING" });
  }
  if (text.trim().length < LOOK_UP_CHARACTERS_MIN || text.length > LOOK_UP_CHARACTERS_MAX) {
    return fail({ code: "TEXT_INVALID" });
  }
  const said = input.callerId?.trim() ?? "";
  if (input.answersCall && said === "") return fail({ code: "CALLER_MISSING" });
  const callerId = said === "" ? null : await callerOf(deps, tenant, said);
  if (callerId === undefined) return fail({ code: "CALLER_UNKNOWN" });
  const found = await searchCitizens(deps.database.tables, { text, tenant, districts, limit: CITIZENS_FOUND_MAX });
  const reason = setApart(deps.random, tenant, JSON.stringify({ purpose, callerId }));
  const entry = newEntry("citizen.consulted", {
    entryId: newId(deps.random),
    occurredAt: deps.clock.now(),
    tenant,
    actor: input.actor,
    person: input.person,
    data: { citizens: found.map((citizen) => citizen.id), purpose: reason.reference },
  });
  const { outcome } = await deps.recorder.record({ entries: [entry], rows: { journal_text: [reason.row] } });
  if (outcome === "stale") throw new JournalUnavailableError("the journal refused a look-up's entry");
  return ok({ citizens: found, callerId });
}

async function callerOf({ database }: LookUpDeps, tenant: number, said: string): Promise<string | undefined> {
  if (said.length > CALLER_CHARACTERS_MAX) return undefined;
  const person = await activePersonByUserId(database.tables, { tenant, userId: said });
  return person?.externalId;
}
