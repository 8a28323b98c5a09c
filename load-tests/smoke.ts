import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startInstallation, type Installation } from "./installation/demo.ts";
import { findK6, runScenario } from "./k6/k6.ts";
import { pressesOf, questionsOf, writeData } from "./scenarios/prepare.ts";

/** Doors of the town: enough for every press to find its own. */
const LOCKS = 40;
const PHONES = 6;
const PRESSES = 8;
/** The longest that an opening may take to be told. */
const WAIT_MS = 10_000;

/** A busy machine may ask late here: what is judged are answers, not times. */
const SETTINGS = { SMOKE: "1", SECONDS: "4", WATCHERS: "20", UNTIL: "OPENED" };

/** Runs every scenario for some seconds and checks that every answer is right. Throws with what was not. */
export async function smoke(tell: (sentence: string) => void): Promise<void> {
  const k6 = await findK6(tell);
  const folder = await mkdtemp(join(tmpdir(), "portner-load-"));
  const installation = await startInstallation(LOCKS);
  tell(`${LOCKS} doors are up`);
  try {
    for (const scenario of ["decide", "open", "watch"] as const) {
      const data = await dataOf(scenario, installation, folder);
      await runScenario(k6, scenario, {
        data,
        summary: join(folder, `${scenario}-summary.json`),
        settings: { ...SETTINGS, RATE: scenario === "decide" ? "20" : "2" },
      });
      tell(`${scenario}: every answer was right`);
    }
  } finally {
    await installation.stop();
    tell("all was taken down again");
    await rm(folder, { recursive: true, force: true });
  }
}

async function dataOf(
  scenario: "decide" | "open" | "watch",
  installation: Installation,
  folder: string,
): Promise<string> {
  const { token } = installation;
  const phones = await installation.phones(PHONES);
  const presses = () => pressesOf(phones, { count: PRESSES, waitMs: WAIT_MS });
  switch (scenario) {
    case "decide":
      return writeData(folder, scenario, installation, { token, questions: questionsOf(phones) });
    case "open":
      return writeData(folder, scenario, installation, { presses: presses() });
    case "watch":
      return writeData(folder, scenario, installation, { cookies: installation.screens, presses: presses() });
  }
}
