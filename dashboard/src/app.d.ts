import type { IncomingMessage } from "node:http";
import type { Language } from "#lib/format/language.ts";
import type { Theme } from "#lib/frame/preferences.ts";

declare global {
  namespace App {
    interface Error {
      /** Stable: the API's code, or `NOT_FOUND`, `CODE_MISSING` and `INTERNAL` of the dashboard itself. */
      code: string;
      message: string;
    }
    interface Locals {
      language: Language;
      theme: Theme;
      areSingleKeysOn: boolean;
    }
    interface Platform {
      req: IncomingMessage & {
        /** The hub's own API, in-process, for whoever sent this request. Absent under `vite dev`. */
        answerGraphql?: (request: Request) => Promise<Response>;
        /** The hub's time in milliseconds. Absent under `vite dev`. */
        hubNowMs?: () => number;
      };
    }
  }
}
