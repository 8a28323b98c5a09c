import type { HandleClientError } from "@sveltejs/kit/hooks";
import { CODE_MISSING, isCodeMissing } from "#lib/frame/code-missing.ts";

/** As on the server: a code, never what broke. */
export const handleError: HandleClientError = ({ kind, error }) => {
  if (kind === "app") return { code: error.code };
  if (kind === "unknown" && isCodeMissing(error)) return CODE_MISSING;
  return { code: kind === "framework" && error.status === 404 ? "NOT_FOUND" : "INTERNAL" };
};
