import { DENIAL_GUIDES, type DenialReason, type Route } from "@portner/schema/access";
import type { Instant } from "../../../kernel/clock.ts";
import type { Words } from "./moment-words.ts";
import { momentWords } from "./moment-words.ts";

/** How somebody's last try to get in ended. */
export type AttemptEnd =
  | { readonly outcome: "opened" }
  /** Absent reason: the reader may not see the chain. */
  | { readonly outcome: "denied"; readonly reason: DenialReason | undefined }
  | { readonly outcome: "jammed" }
  | { readonly outcome: "abandoned" | "rejected" | "expired" | "unknown" };

/** Somebody's last try to get in, as one reader may know it. */
export interface Attempt {
  readonly at: Instant;
  /** The care system's user id, where there is one and the reader may know it. */
  readonly employee: string | undefined;
  readonly remote: boolean;
  readonly end: AttemptEnd;
}

/** What somebody does next, and whom they turn to. */
export interface Advice extends Words {
  readonly route: Route;
}

const ENDS: Readonly<Record<AttemptEnd["outcome"], Words>> = {
  opened: { da: "låste op", en: "unlocked it" },
  denied: { da: "blev afvist", en: "was refused" },
  jammed: { da: "låsen sad fast", en: "the lock jammed" },
  abandoned: { da: "kommandoen blev aldrig sendt", en: "the command was never sent" },
  rejected: { da: "låsen afviste kommandoen", en: "the lock rejected the command" },
  expired: { da: "kommandoen nåede ikke frem i tide", en: "the command did not arrive in time" },
  unknown: { da: "låsen svarede ikke; udfaldet kendes ikke", en: "the lock did not answer; the outcome is not known" },
};

/** One sentence about the last try, with its time. */
export function attemptWords({ at, employee, remote, end }: Attempt, now: Instant): Words {
  const when = momentWords(at, now);
  const who = actorWords(employee, remote);
  const how = ENDS[end.outcome];
  const sameActor = end.outcome === "opened" || end.outcome === "denied";
  const why = end.outcome === "denied" && end.reason !== undefined ? DENIAL_GUIDES[end.reason] : undefined;
  const because = {
    da: why === undefined ? "" : ` ${why.da.sentence}`,
    en: why === undefined ? "" : ` ${why.en.sentence}`,
  };
  const link = sameActor ? " " : ": ";
  return {
    da: `Sidste forsøg ${when.da}: ${who.da}${link}${how.da}.${because.da}`,
    en: `Last try ${when.en}: ${who.en}${link}${how.en}.${because.en}`,
  };
}

function actorWords(employee: string | undefined, remote: boolean): Words {
  if (remote) return { da: "åbning herfra", en: "opening from here" };
  if (employee === undefined) return { da: "en medarbejder", en: "an employee" };
  return { da: `medarbejder ${employee}`, en: `employee ${employee}` };
}

/** What to do about a try that did not get in; nothing after one that did. */
export function adviceAfter({ outcome, ...rest }: AttemptEnd): Advice | undefined {
  if (outcome === "opened") return undefined;
  if (outcome === "denied") {
    const reason = "reason" in rest ? rest.reason : undefined;
    if (reason === undefined) return undefined;
    const { route, da, en } = DENIAL_GUIDES[reason];
    return { route, da: da.nextStep, en: en.nextStep };
  }
  return outcome === "jammed" ? JAMMED_ADVICE : RETRY_ADVICE;
}

/** What to do about a bolt that does not get all the way. */
export const JAMMED_ADVICE: Advice = {
  route: "locksmith",
  da: "Bed den ved døren trække i den, eller skubbe til den, mens der åbnes igen. Sidder den stadig fast, så ring til låsepartneren: døren kan være ulåst.",
  en: "Ask whoever is at the door to pull or push it while it is opened again. If it still jams, call the locksmith: the door may be unlocked.",
};

const RETRY_ADVICE: Advice = {
  route: "wait",
  da: "Spørg den ved døren, om den er åben. Er den ikke, så prøv én gang til.",
  en: "Ask whoever is at the door whether it is open. If not, try once more.",
};
