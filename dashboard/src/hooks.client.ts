import type { HandleClientError } from "@sveltejs/kit/hooks";

/** As on the server: a code, never what broke. */
export const handleError: HandleClientError = ({ kind, error }) => {
  if (kind === "app") return { code: error.code };
  return { code: kind === "framework" && error.status === 404 ? "NOT_FOUND" : "INTERNAL" };
};
