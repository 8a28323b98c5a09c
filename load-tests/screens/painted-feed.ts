import { chromium, type Browser, type Page } from "playwright-core";
import { z } from "zod";

const CHROMIUM = "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** A second screen of a hotline. */
const VIEWPORT = { width: 1_440, height: 900 };
const READY_MS = 30_000;

/**
 * Looks at the first line before every picture, and notes when another one stood there after that picture was drawn. The
 * list shows the newest first, so everything up to that line is in the picture or below it.
 */
const WATCH = `
  window.portnerPainted = [];
  window.portnerFrames = [];
  const after = new MessageChannel();
  let seen = "", found = "";
  after.port1.onmessage = () => { if (found !== "") window.portnerPainted.push([found, Date.now()]); };
  const look = (at) => {
    window.portnerFrames.push(at);
    const item = [...document.querySelectorAll(".rows .item[data-cursor^=j]")].find(({ parentElement }) => parentElement.style.visibility !== "hidden");
    const cursor = item?.dataset.cursor ?? "";
    found = cursor === seen ? "" : cursor;
    seen = cursor;
    if (found !== "") after.port2.postMessage(0);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);`;

const Seen = z.object({
  painted: z.array(z.tuple([z.string(), z.number()])),
  frames: z.array(z.number()),
  rows: z.number(),
});

/** What the page showed while it was watched. */
export interface Seen {
  /** Cursor of the first line, and the wall time at which it was first drawn; in order. */
  readonly painted: readonly (readonly [cursor: string, at: number])[];
  /** Times of the browser's pictures, in milliseconds of its own. */
  readonly frames: readonly number[];
  /** Lines in the page at the end. */
  readonly rows: number;
}

/** The live page in a browser. */
export interface PaintedFeed {
  /** Begins to watch anew, while `run` lasts and a second more. */
  watch(run: () => Promise<void>): Promise<Seen>;
  end(): Promise<void>;
}

/** Opens the live page as somebody who is signed in, and waits until it is live. */
export async function openPaintedFeed(url: string, cookie: string): Promise<PaintedFeed> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const page = await openPage(browser, url, cookie);
  return {
    watch: async (run) => {
      await page.evaluate("window.portnerPainted.length = window.portnerFrames.length = 0");
      await run();
      const read =
        "({ painted: portnerPainted, frames: portnerFrames, rows: document.querySelectorAll('.item').length })";
      return Seen.parse(await page.evaluate(read));
    },
    end: () => browser.close(),
  };
}

async function openPage(browser: Browser, url: string, cookie: string): Promise<Page> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  const cookies = cookie.split("; ").map((pair) => {
    const at = pair.indexOf("=");
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
  });
  await context.addCookies(cookies);
  const page = await context.newPage();
  await page.goto(`${url}/live`);
  await page.locator('[data-link="live"]').waitFor({ timeout: READY_MS });
  await page.evaluate(WATCH);
  return page;
}
