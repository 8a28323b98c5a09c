/** The environment of this process; nothing else here reads it. */
export const ENVIRONMENT: Readonly<Record<string, string | undefined>> = process.env;
