import { paraglideVitePlugin } from "@inlang/paraglide-js";
import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";
import { PARAGLIDE } from "./paraglide.config.ts";

/** Where `vite dev` finds a hub; `npm run dev` starts one there. */
const HUB = process.env["PORTNER_HUB_URL"] ?? "http://127.0.0.1:4610";

/** Where the build goes; the hub gives each a folder of its own. */
const OUT = process.env["PORTNER_DASHBOARD_OUT"] ?? "build/by-hand";

/**
 * Words that nobody needs at once, by the beginning of their keys. Left to itself the bundler puts every word of every page
 * into what all pages load.
 */
const WORDS_APART = /paraglide\/messages\/(block|open|passport|quarantine|refusal|remote|why)_/;

export default defineConfig({
  build: {
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "words", test: /paraglide\/(runtime|registry)\.js$/, priority: 2 },
            { name: (id) => `words-${WORDS_APART.exec(id)?.[1] ?? ""}`, test: WORDS_APART, priority: 1 },
          ],
        },
      },
    },
  },
  plugins: [
    paraglideVitePlugin(PARAGLIDE),
    sveltekit({
      adapter: adapter({ out: OUT, envPrefix: "DASH_", precompress: true }),
      csp: {
        mode: "nonce",
        directives: {
          "default-src": ["none"],
          "script-src": ["self"],
          "style-src": ["self"],
          // The one style attribute that kit itself sets, on the element that reads new titles to screen readers.
          "style-src-attr": ["unsafe-hashes", "sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo="],
          "font-src": ["self"],
          "img-src": ["self"],
          // `self` covers the WebSocket of the same host as well.
          "connect-src": ["self"],
          "manifest-src": ["self"],
          "form-action": ["self"],
          "base-uri": ["none"],
          "frame-ancestors": ["none"],
        },
      },
    }),
  ],
  server: {
    strictPort: true,
    proxy: { "/graphql": { target: HUB, ws: true, changeOrigin: false } },
  },
});
