import type { GraphqlFailure, Result, ResultOf } from "../graphql/index.ts";
import type { LiveSession } from "../live/session.ts";
import { FIND_EMPLOYEE } from "./documents.ts";

/** An employee with the devices that are enrolled. */
export type Employee = NonNullable<ResultOf<typeof FIND_EMPLOYEE>["employee"]>;
/** A phone, tablet or smartkey. */
export type Device = Employee["credentials"][number];

/** Shortest text that anybody is looked for by. */
export const EMPLOYEE_ID_CHARACTERS_MIN = 2;

/** Finds the employee whom a user id means; `undefined`: nobody in the viewer's reach, or more than one may be meant. */
export async function findEmployee(
  live: { readonly request: LiveSession["request"] },
  employeeId: string,
): Promise<Result<Employee | undefined, GraphqlFailure>> {
  const answer = await live.request(FIND_EMPLOYEE, { userId: employeeId.trim() });
  return answer.ok ? { ok: true, value: answer.value.employee ?? undefined } : answer;
}
