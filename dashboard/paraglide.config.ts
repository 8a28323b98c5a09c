/** How messages are compiled; the build and `npm run sync` share it. */
export const PARAGLIDE = {
  project: "./project.inlang",
  outdir: "./.svelte-kit/paraglide",
  // Neither address nor headers choose a language: a link means the same page to everybody.
  strategy: ["cookie", "baseLocale"],
  cookieName: "portner-language",
  isServer: "import.meta.env.SSR",
} satisfies { strategy: ("cookie" | "baseLocale")[]; [option: string]: unknown };
