import type { World, WorldEmployee } from "@portner/schema/world";
import type { Dice } from "./dice.ts";
import { personName } from "./names.ts";
import { DISTRICTS, PROVIDER, SHARED_BUNDLE } from "./organisation.ts";

/** A few posts of one kind: `share` is their part of the staff in thousandths, at least one person each. */
interface Posts {
  readonly profession: WorldEmployee["profession"];
  readonly share: number;
  readonly department?: string;
  readonly provider?: string;
  readonly roles?: NonNullable<WorldEmployee["roles"]>;
  /** Bundles the holders belong to. Temps and students belong to none: they open within planned visits only. */
  readonly bundles: readonly string[];
}

const EVERY_BUNDLE = [...DISTRICTS.map(({ bundle }) => bundle), SHARED_BUNDLE, PROVIDER.bundle];

/** Employees of former years whose account is closed but known. */
const INACTIVE_SHARE = 0.02;
/** Memberships that ended: people who changed district. */
const FORMER_SHARE = 0.05;

function homecarePosts(): Posts[] {
  return DISTRICTS.flatMap(({ homecare: department, bundle, share }): Posts[] => {
    const bundles = [bundle, SHARED_BUNDLE];
    return [
      { profession: "leader", share: 4, department, roles: ["L"], bundles: [] },
      { profession: "coordinator", share: 8, department, roles: ["C"], bundles: [] },
      { profession: "sosuAssistant", share: share * 1.7, department, bundles },
      { profession: "sosuHelper", share: share * 2.2, department, bundles },
      { profession: "student", share: share * 0.45, department, bundles: [] },
      { profession: "temp", share: share * 0.55, department, bundles: [] },
    ];
  });
}

function otherPosts(): Posts[] {
  return [
    { profession: "sosuAssistant", share: 70, department: "nattevagt", bundles: EVERY_BUNDLE },
    { profession: "coordinator", share: 4, department: "nattevagt", roles: ["C"], bundles: [] },
    { profession: "nurse", share: 110, department: "sygepleje", bundles: EVERY_BUNDLE },
    { profession: "leader", share: 4, department: "sygepleje", roles: ["L"], bundles: [] },
    { profession: "sosuAssistant", share: 24, department: "rehab", bundles: [SHARED_BUNDLE] },
    { profession: "hotlineWorker", share: 24, department: "hotline", roles: ["H"], bundles: [] },
    { profession: "depotWorker", share: 16, department: "depot", roles: ["B"], bundles: [] },
    { profession: "assessor", share: 16, department: "visitation", roles: ["V"], bundles: [] },
    { profession: "administrator", share: 12, department: "administration", roles: ["A"], bundles: [] },
    { profession: "auditor", share: 4, department: "administration", roles: ["D"], bundles: [] },
    { profession: "installer", share: 12, department: "laasepartner", roles: ["I"], bundles: [] },
    { profession: "administrator", share: 4, provider: PROVIDER.externalId, roles: ["P"], bundles: [] },
    { profession: "sosuHelper", share: 96, provider: PROVIDER.externalId, bundles: [PROVIDER.bundle] },
  ];
}

/** An instant of the last years, at midnight of the town, written with its offset of that season. */
function startInstant(dice: Dice): string {
  const year = 2023 + dice.below(3);
  const day = String(1 + dice.below(20)).padStart(2, "0");
  return dice.chance(0.5)
    ? `${year}-0${1 + dice.below(3)}-${day}T00:00:00+01:00`
    : `${year}-0${5 + dice.below(5)}-${day}T00:00:00+02:00`;
}

/** How many people hold each kind of post: at least one, and together as many as wanted where the posts allow it. */
function headcounts(posts: readonly Posts[], total: number): number[] {
  const shares = posts.reduce((sum, { share }) => sum + share, 0);
  const counts = posts.map(({ share }) => Math.max(1, Math.floor((share / shares) * total)));
  let missing = total - counts.reduce((sum, count) => sum + count, 0);
  for (let at = 0; missing > 0; at = (at + 1) % posts.length) {
    if (posts[at]?.roles !== undefined) continue;
    counts[at] = (counts[at] ?? 0) + 1;
    missing -= 1;
  }
  return counts;
}

/** The staff and their bundles: `total` people, or one for each kind of post if that is more. */
export function staff(dice: Dice, total: number): Pick<World, "employees" | "memberships"> {
  const posts = [...homecarePosts(), ...otherPosts()];
  const counts = headcounts(posts, total);
  const employees: World["employees"] = [];
  const memberships: World["memberships"] = [];
  for (const [at, { profession, department, provider, roles, bundles }] of posts.entries()) {
    for (let holder = 0; holder < (counts[at] ?? 0); holder += 1) {
      const externalId = `FJ${1_001 + employees.length}`;
      employees.push({
        externalId,
        name: personName(dice),
        profession,
        ...(department === undefined ? {} : { department }),
        ...(provider === undefined ? {} : { provider }),
        // The first holder of a post always works, so that every role is there from the start.
        active: holder === 0 || !dice.chance(INACTIVE_SHARE),
        ...(roles === undefined ? {} : { roles: [...roles] }),
      });
      const from = startInstant(dice);
      const former = holder > 0 && dice.chance(FORMER_SHARE);
      for (const bundle of bundles) {
        memberships.push({
          employee: externalId,
          bundle,
          from,
          ...(former ? { to: "2026-06-01T00:00:00+02:00" } : {}),
        });
      }
    }
  }
  return { employees, memberships };
}
