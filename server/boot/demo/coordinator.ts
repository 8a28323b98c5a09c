import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../../kernel/clock.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { writePrivate } from "../private-file.ts";

/** A session lasts twelve hours; the file is fresh long before. */
const RENEW_MS = 6 * 3_600_000;
const AGAIN_MS = 30_000;
/** A hub that hashes passwords on a busy machine answers within this. */
const ANSWER_MS_MAX = 20_000;
const FILE = "coordinator.session";

const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { __typename ... on UserError { code } }
}`;
const Answer = z.object({
  data: z.object({ signIn: z.object({ __typename: z.string(), code: z.string().optional() }) }).nullish(),
});

/** Who signs in, and where. */
export interface CoordinatorOptions {
  readonly hubUrl: string;
  readonly login: string;
  readonly password: string;
  readonly folder: string;
  readonly clock: Clock;
  readonly tell: (sentence: string) => void;
}

/** The file that holds the session of somebody who may offer carers their enrolment codes. */
export interface Coordinator {
  readonly sessionFile: string;
  stop(): void;
}

/** Signs in through the public API like anybody else, and keeps the session's file fresh. */
export async function signInCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const { clock, tell, folder } = options;
  const sessionFile = join(folder, FILE);
  let cancel: () => void = () => undefined;
  const renew = async (): Promise<void> => {
    await writePrivate(sessionFile, `${await signIn(options)}\n`);
    cancel = clock.after(RENEW_MS, again);
  };
  const again = (): void => {
    renew().catch((error: unknown) => {
      tell(`the coordinator could not sign in: ${error instanceof Error ? error.message : String(error)}`);
      cancel = clock.after(AGAIN_MS, again);
    });
  };
  await renew();
  return { sessionFile, stop: () => cancel() };
}

async function signIn({ hubUrl, login, password }: CoordinatorOptions): Promise<string> {
  const response = await fetch(new URL("/graphql", hubUrl), {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query: SIGN_IN, variables: { input: { login, password } } }),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  const answer = Answer.safeParse(await response.json()).data?.data?.signIn;
  const [cookie = ""] = response.headers.getSetCookie();
  const session = /^[^=]+=([^;]+)/.exec(cookie)?.[1];
  if (answer?.code === undefined && session !== undefined) return session;
  throw new PortnerError(answer?.code ?? `HTTP_${response.status}`, `the hub did not let \`${login}\` in`);
}
