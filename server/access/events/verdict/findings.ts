import type { Instant } from "../../../kernel/clock.ts";
import type { LockProblemCode } from "../../../locks/index.ts";
import { JAMMED_ADVICE, type Advice } from "./attempt.ts";
import { momentWords, type Words } from "./moment-words.ts";
import type { JudgedLock, VerdictPart } from "./verdict-part.ts";

/** A part of the verdict, with what to do about it. */
export interface Finding extends VerdictPart {
  readonly advice?: Advice;
}

const UNREACHABLE_ADVICE: Advice = {
  route: "locksmith",
  da: "Døren kan ikke åbnes herfra nu. Brug den mekaniske nøgle, eller ring til låsepartneren.",
  en: "The door can't be opened from here now. Use the metal key, or call the locksmith.",
};
const QUARANTINE_ADVICE: Advice = {
  route: "locksmith",
  da: "Låsen åbner for ingen, før nogen har set på den. Brug den mekaniske nøgle, og ring til låsepartneren.",
  en: "The lock opens for nobody until somebody has looked at it. Use the metal key, and call the locksmith.",
};
const TAMPER_ADVICE: Advice = {
  route: "locksmith",
  da: "Ring til borgeren, og få låsepartneren til at se på låsen.",
  en: "Call the citizen, and have the locksmith look at the lock.",
};

/** Everything that is the case with a lock beside the last try: first whether it can be talked to, then the rest. */
export function findings(lock: JudgedLock): readonly [Finding, ...Finding[]] {
  const rest = lock.problems.flatMap(({ code, since }) => problemFinding(code, since, lock.at));
  const contact = contactOf(lock);
  return isUnknown(lock) && contact.code !== "NEVER_HEARD" ? [contact, UNKNOWN, ...rest] : [contact, ...rest];
}

function contactOf({ at, inService, board, freshness }: JudgedLock): Finding {
  if (!inService) return { code: "NOT_IN_SERVICE", tone: "unknown", since: null, ...NOT_IN_SERVICE };
  const heardAt = board?.heardAt;
  if (heardAt === undefined || freshness === "never") {
    return { code: "NEVER_HEARD", tone: "unknown", since: null, ...NEVER, advice: UNREACHABLE_ADVICE };
  }
  const since = heardAt;
  const heard = momentWords(heardAt, at);
  switch (freshness) {
    case "silent":
      return { code: "SILENT", tone: "urgent", since, ...silentWords(heard), advice: UNREACHABLE_ADVICE };
    case "late":
      return {
        ...{ code: "LATE", tone: "soon", since },
        da: `Låsen er forsinket: sidst hørt ${heard.da}.`,
        en: `The lock is late: last heard ${heard.en}.`,
      };
    case "live":
      return {
        ...{ code: "ANSWERS", tone: "ok", since },
        da: `Låsen svarer, sidst hørt ${heard.da}.`,
        en: `The lock answers, last heard ${heard.en}.`,
      };
  }
}

const NOT_IN_SERVICE: Words = {
  da: "Der er ingen lås i drift på døren.",
  en: "There is no lock in service on the door.",
};
const NEVER: Words = { da: "Låsen har aldrig meldt sig.", en: "The lock has never been heard." };

function silentWords(heard: Words): Words {
  return {
    da: `Låsen er tavs: sidst hørt ${heard.da}. Alt om den er fra da.`,
    en: `The lock is silent: last heard ${heard.en}. Everything about it is of then.`,
  };
}

function isUnknown({ inService, board }: JudgedLock): boolean {
  return inService && board !== undefined && board.state.bolt.value === "unknown";
}

const UNKNOWN: Finding = {
  ...{ code: "FACTS_UNKNOWN", tone: "unknown", since: null },
  da: "Om døren er låst, vides ikke.",
  en: "Whether the door is locked is not known.",
};

function problemFinding(code: LockProblemCode, since: Instant | null, now: Instant): readonly Finding[] {
  const when = since === null ? undefined : momentWords(since, now);
  const from: Words = { da: when === undefined ? "" : ` ${when.da}`, en: when === undefined ? "" : ` ${when.en}` };
  switch (code) {
    // Told by whether the lock can be talked to.
    case "NEVER_HEARD":
    case "SILENT":
      return [];
    case "JAMMED":
      return [{ code, tone: "urgent", since, ...jamWords(when), advice: JAMMED_ADVICE }];
    case "QUARANTINED":
      return [{ code, tone: "urgent", since, ...QUARANTINED, advice: QUARANTINE_ADVICE }];
    case "TAMPERED":
      return [{ code, tone: "urgent", since, ...tamperWords(from), advice: TAMPER_ADVICE }];
    case "FACTS_DOUBTFUL":
    case "CLOCK_UNTRUSTED":
    case "LOW_BATTERY":
    case "EVENTS_LOST":
      return [{ code, tone: "soon", since, ...MINOR[code] }];
  }
}

/** Since the first jam: those that followed it are no news. */
function jamWords(since: Words | undefined): Words {
  return {
    da: `Den ${since === undefined ? "sidder fast" : `har siddet fast siden ${since.da}`}: riglen nåede ikke i mål.`,
    en: `It ${since === undefined ? "is jammed" : `has been jammed since ${since.en}`}: the bolt did not get all the way.`,
  };
}

const QUARANTINED: Words = {
  da: "Låsen opfører sig forkert, er sat i karantæne og åbner for ingen.",
  en: "The lock misbehaves, is quarantined and opens for nobody.",
};

function tamperWords(from: Words): Words {
  return {
    da: `Nogen har forsøgt at pille ved den${from.da}.`,
    en: `Somebody has tampered with it${from.en}.`,
  };
}

const MINOR: Readonly<Record<"FACTS_DOUBTFUL" | "CLOCK_UNTRUSTED" | "LOW_BATTERY" | "EVENTS_LOST", Words>> = {
  FACTS_DOUBTFUL: {
    da: "Dens seneste måling siger noget andet end dens hændelser.",
    en: "Its last reading says something else than its events.",
  },
  CLOCK_UNTRUSTED: { da: "Dens ur er ikke til at stole på.", en: "Its clock can't be trusted." },
  LOW_BATTERY: { da: "Batterierne skal snart skiftes.", en: "The batteries are due for a change." },
  EVENTS_LOST: { da: "Den har mistet hændelser.", en: "It has lost events." },
};
