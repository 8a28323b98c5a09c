import { INHERITS_RULE } from "../../graphql/rules.ts";
import { globalIdText } from "../../graphql/scalars.ts";
import type { PortnerBuilder } from "../../identity/index.ts";
import type { Tables } from "../../kernel/database.ts";
import { districtsOf, type DistrictRow } from "../store/districts.ts";

/** Adds `districts`: their names are on every map of the town, so they are no secret among its people. */
export function addDistricts(builder: PortnerBuilder, tables: Tables): void {
  const DistrictRef = builder.objectRef<DistrictRow>("District").implement({
    ...INHERITS_RULE,
    description: "A district of the municipality, by which lists and streams are narrowed.",
    fields: (t) => ({
      id: t.id({ resolve: ({ publicId }) => globalIdText("District", publicId) }),
      name: t.exposeString("name"),
    }),
  });
  builder.queryField("districts", (t) =>
    t.field({
      type: [DistrictRef],
      description: "The caller's own municipality's, by name.",
      authScopes: { signedIn: true },
      resolve: async (_root, _args, { principal }) =>
        principal.kind === "anonymous" ? [] : [...(await districtsOf(tables, principal.tenant))],
    }),
  );
}
