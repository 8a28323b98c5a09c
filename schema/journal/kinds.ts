import type { z } from "zod";
import { accountChanged } from "./kinds/account-changed.ts";
import { answerGiven } from "./kinds/answer-given.ts";
import { answerRefused } from "./kinds/answer-refused.ts";
import { blockLifted } from "./kinds/block-lifted.ts";
import { blockPlaced } from "./kinds/block-placed.ts";
import { citizenConsulted } from "./kinds/citizen-consulted.ts";
import { commandAbandoned } from "./kinds/command-abandoned.ts";
import { commandAuthorised } from "./kinds/command-authorised.ts";
import { commandExpired } from "./kinds/command-expired.ts";
import { commandRejected } from "./kinds/command-rejected.ts";
import { commandSent } from "./kinds/command-sent.ts";
import { commandUnknown } from "./kinds/command-unknown.ts";
import { credentialEnrolled } from "./kinds/credential-enrolled.ts";
import { credentialRaised } from "./kinds/credential-raised.ts";
import { enrolmentOffered } from "./kinds/enrolment-offered.ts";
import { hubStarted } from "./kinds/hub-started.ts";
import { incidentRecorded } from "./kinds/incident-recorded.ts";
import { lockAccepted } from "./kinds/lock-accepted.ts";
import { lockDoor } from "./kinds/lock-door.ts";
import { lockEntry } from "./kinds/lock-entry.ts";
import { lockHolds } from "./kinds/lock-holds.ts";
import { lockJammed } from "./kinds/lock-jammed.ts";
import { lockLost } from "./kinds/lock-lost.ts";
import { lockMoved } from "./kinds/lock-moved.ts";
import { lockMoving } from "./kinds/lock-moving.ts";
import { lockQuarantined } from "./kinds/lock-quarantined.ts";
import { lockRefused } from "./kinds/lock-refused.ts";
import { lockReleased } from "./kinds/lock-released.ts";
import { lockReported } from "./kinds/lock-reported.ts";
import { lockRestarted } from "./kinds/lock-restarted.ts";
import { lockTampered } from "./kinds/lock-tampered.ts";
import { membershipEnded } from "./kinds/membership-ended.ts";
import { membershipGranted } from "./kinds/membership-granted.ts";
import { openingAuthorised } from "./kinds/opening-authorised.ts";
import { openingDenied } from "./kinds/opening-denied.ts";
import { openingFinished } from "./kinds/opening-finished.ts";
import { personClosed } from "./kinds/person-closed.ts";
import { policyChanged } from "./kinds/policy-changed.ts";
import { sessionEnded } from "./kinds/session-ended.ts";
import { sessionOpened } from "./kinds/session-opened.ts";
import { sessionRefused } from "./kinds/session-refused.ts";
import { tokenCreated } from "./kinds/token-created.ts";
import { tokenRevoked } from "./kinds/token-revoked.ts";
import { unitCommissioned } from "./kinds/unit-commissioned.ts";
import { unitDecommissioned } from "./kinds/unit-decommissioned.ts";
import { worldImported } from "./kinds/world-imported.ts";

/** Every kind of entry the journal holds, by name. A reader that meets another kind must stop and deny. */
export const ENTRY_KINDS = {
  "account.changed": accountChanged,
  "answer.given": answerGiven,
  "answer.refused": answerRefused,
  "block.lifted": blockLifted,
  "block.placed": blockPlaced,
  "citizen.consulted": citizenConsulted,
  "command.abandoned": commandAbandoned,
  "command.authorised": commandAuthorised,
  "command.expired": commandExpired,
  "command.rejected": commandRejected,
  "command.sent": commandSent,
  "command.unknown": commandUnknown,
  "credential.enrolled": credentialEnrolled,
  "credential.raised": credentialRaised,
  "enrolment.offered": enrolmentOffered,
  "hub.started": hubStarted,
  "incident.recorded": incidentRecorded,
  "lock.accepted": lockAccepted,
  "lock.door": lockDoor,
  "lock.entry": lockEntry,
  "lock.holds": lockHolds,
  "lock.jammed": lockJammed,
  "lock.lost": lockLost,
  "lock.moved": lockMoved,
  "lock.moving": lockMoving,
  "lock.quarantined": lockQuarantined,
  "lock.refused": lockRefused,
  "lock.released": lockReleased,
  "lock.reported": lockReported,
  "lock.restarted": lockRestarted,
  "lock.tampered": lockTampered,
  "membership.ended": membershipEnded,
  "membership.granted": membershipGranted,
  "opening.authorised": openingAuthorised,
  "opening.denied": openingDenied,
  "opening.finished": openingFinished,
  "person.closed": personClosed,
  "policy.changed": policyChanged,
  "session.ended": sessionEnded,
  "session.opened": sessionOpened,
  "session.refused": sessionRefused,
  "token.created": tokenCreated,
  "token.revoked": tokenRevoked,
  "unit.commissioned": unitCommissioned,
  "unit.decommissioned": unitDecommissioned,
  "world.imported": worldImported,
} as const;

/** The name of an entry kind. */
export type EntryKindName = keyof typeof ENTRY_KINDS;

/** The data of each kind. */
export type EntryData = { [Name in EntryKindName]: z.infer<(typeof ENTRY_KINDS)[Name]["data"]> };

const NAMES: ReadonlySet<string> = new Set(Object.keys(ENTRY_KINDS));

/** Whether a name is a kind that this version knows. */
export function isEntryKind(name: string): name is EntryKindName {
  return NAMES.has(name);
}
