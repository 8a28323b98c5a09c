/** `Lock.remoteOpening`: whether this municipality opens for somebody else, who may, and whether the caller may here. */
import { ROLES, type Role } from "@portner/schema/people";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import type { KnownPrincipal, PortnerBuilder } from "../../identity/index.ts";
import type { Tables } from "../../kernel/database.ts";
import type { LocksGraphql } from "../../locks/graphql/graphql.ts";
import { reaches, reachOf } from "../../places/index.ts";

type Leave = "yes" | "needsSecondPerson" | "no";

interface RemoteOpening {
  readonly setting: "off" | "onePerson" | "twoPersons";
  readonly leave: Leave;
  readonly roles: readonly Role[];
}

/** Adds the field. It tells of rights only, so whoever sees the lock sees it. */
export function addRemoteOpening(builder: PortnerBuilder, tables: Tables, { LockRef }: LocksGraphql): void {
  const SettingRef = builder.enumType("RemoteOpeningSetting", {
    values: {
      OFF: { value: "off" },
      ONE_PERSON: { value: "onePerson" },
      TWO_PERSONS: { value: "twoPersons" },
    } as const,
  });
  const LeaveRef = builder.enumType("RemoteOpeningLeave", {
    values: {
      YES: { value: "yes" },
      NEEDS_SECOND_PERSON: { value: "needsSecondPerson", description: "Somebody else must approve it." },
      NO: { value: "no", description: "Not with the caller's roles, or not here." },
    } as const,
  });
  const RemoteOpeningRef = builder.objectRef<RemoteOpening>("RemoteOpening").implement({
    ...INHERITS_RULE,
    description: "Opening for somebody else, with a reason, as the municipality has set it.",
    fields: (t) => ({
      setting: t.expose("setting", { type: SettingRef }),
      leave: t.expose("leave", { type: LeaveRef, description: "What the caller may at this lock." }),
      roles: t.stringList({
        description: "Letters of the roles that may, as in the permission matrix.",
        resolve: ({ roles }) => [...roles],
      }),
    }),
  });
  builder.objectField(LockRef, "remoteOpening", (t) =>
    t.field({
      type: RemoteOpeningRef,
      nullable: true,
      description: "Null for whoever has no roles.",
      authScopes: { signedIn: true },
      resolve: async ({ place }, _args, { principal }) => {
        if (principal.kind !== "dashboard") return null;
        const reach = await reachOf(tables, principal, "remoteOpen");
        const reached = reaches(reach, place.district);
        const leave: Leave = !reached ? "no" : reach.needsSecondPerson === true ? "needsSecondPerson" : "yes";
        return { ...settingOf(principal), leave };
      },
    }),
  );
}

function settingOf({ policy }: KnownPrincipal): Pick<RemoteOpening, "setting" | "roles"> {
  const rules = ROLES.map((role) => ({ role, rule: policy.ruleOf("remoteOpen", role) }));
  const able = rules.filter(({ rule }) => rule.reach !== "no");
  const roles = able.map(({ role }) => role);
  if (able.length === 0) return { setting: "off", roles };
  return { setting: able.every(({ rule }) => rule.second) ? "twoPersons" : "onePerson", roles };
}
