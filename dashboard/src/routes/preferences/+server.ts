import { redirect, type Cookies } from "@sveltejs/kit";
import { COOKIES, languageOf, PREFERENCE_SECONDS, themeOf } from "#lib/frame/preferences.ts";
import { localPath } from "#lib/frame/show-failure.ts";
import type { RequestHandler } from "./$types";

/** Keeps a choice of language, theme or keys and goes back to where it was made; a plain form does. */
export const POST: RequestHandler = async ({ request, cookies, url }) => {
  const form = await request.formData();
  const text = (name: string): string | undefined => form.get(name)?.toString();
  const secure = url.protocol === "https:";
  if (form.has("language")) keep(cookies, { name: COOKIES.language, value: languageOf(text("language")), secure });
  if (form.has("theme")) keep(cookies, { name: COOKIES.theme, value: themeOf(text("theme")), secure });
  if (form.has("keys")) keep(cookies, { name: COOKIES.keys, value: text("keys") === "off" ? "off" : "on", secure });
  redirect(303, localPath(text("back") ?? null));
};

function keep(
  cookies: Cookies,
  { name, value, secure }: { readonly name: string; readonly value: string; readonly secure: boolean },
): void {
  cookies.set(name, value, { path: "/", maxAge: PREFERENCE_SECONDS, httpOnly: false, sameSite: "lax", secure });
}
