import { fail } from "@sveltejs/kit";
import { LOOK_UP, SEARCH } from "#lib/console/documents.ts";
import { HITS_MAX, rowsOf } from "#lib/console/hits.ts";
import { missingIn, stateAfter } from "#lib/console/look-up.svelte.ts";
import { request } from "#lib/graphql/index.ts";
import type { Actions } from "./$types";

function textOf(form: FormData, name: string): string {
  return form.get(name)?.toString().trim() ?? "";
}

/** For browsers without JavaScript. Both are POSTs: what is typed may be a person's name, and addresses are kept. */
export const actions: Actions = {
  search: async ({ request: submitted, fetch }) => {
    const text = textOf(await submitted.formData(), "text");
    const answer = await request(fetch, SEARCH, { text, first: HITS_MAX });
    if (!answer.ok) return fail(400, { search: { text, rows: [], code: answer.failure.code } });
    return { search: { text, rows: rowsOf(answer.value.search), code: undefined } };
  },
  lookUp: async ({ request: submitted, fetch }) => {
    const form = await submitted.formData();
    const input = {
      text: textOf(form, "text"),
      callerId: textOf(form, "callerId"),
      purpose: textOf(form, "purpose"),
    };
    const missing = missingIn(input);
    if (missing.length > 0) return fail(400, { lookUp: { input, missing, state: { kind: "ready" as const } } });
    return { lookUp: { input, missing, state: stateAfter(await request(fetch, LOOK_UP, { input })) } };
  },
};
