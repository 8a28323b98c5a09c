import { error } from "@sveltejs/kit";
import type { PageLoad } from "./$types";

/** What is nowhere else is nowhere; it says so inside the frame, where the way on stands. */
export const load: PageLoad = async ({ parent }) => {
  await parent();
  error(404, { code: "NOT_FOUND", message: "no such page" });
};
