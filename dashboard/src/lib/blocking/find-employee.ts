import type { GraphqlFailure, Result, ResultOf } from "../graphql/index.ts";
import type { LiveSession } from "../live/session.ts";
import { FIND_EMPLOYEE } from "./documents.ts";

type Hit = ResultOf<typeof FIND_EMPLOYEE>["search"][number];
/** An employee with the devices that are enrolled. */
export type Employee = Extract<Hit, { __typename: "PersonHit" }>["person"];
/** A phone, tablet or smartkey. */
export type Device = Employee["credentials"][number];

/** Shortest text that the API searches for. */
export const EMPLOYEE_ID_CHARACTERS_MIN = 2;

/** Finds the employee of exactly this user id; `undefined`: there is none in the viewer's reach. */
export async function findEmployee(
  live: { readonly request: LiveSession["request"] },
  employeeId: string,
): Promise<Result<Employee | undefined, GraphqlFailure>> {
  const wanted = employeeId.trim();
  const answer = await live.request(FIND_EMPLOYEE, { text: wanted });
  if (!answer.ok) return answer;
  const people = answer.value.search.flatMap((hit) => (hit.__typename === "PersonHit" ? [hit.person] : []));
  return { ok: true, value: people.find(({ externalId }) => externalId.toLowerCase() === wanted.toLowerCase()) };
}
