import { Lane } from "../graphql/allowance/lane.ts";

/**
 * What takes a right away without being a block or a sign-out. Each makes every opening that is being decided at that
 * moment, on any hub, be decided anew, so that nobody may do it all day long. Ten at once and six a minute.
 */
export const REVOCATIONS = new Lane({
  name: "revocations",
  capacity: 10,
  restorePerSecond: 0.1,
  reserved: false,
  first: false,
});
