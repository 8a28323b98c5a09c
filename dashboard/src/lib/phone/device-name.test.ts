import { expect, test } from "vitest";
import { deviceName } from "./device-name.ts";

test.each([
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Mobile Safari/604.1",
    "iPhone · Safari",
  ],
  ["Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 Chrome/144.0.0.0 Mobile Safari/537.36", "Android · Chrome"],
  [
    "Mozilla/5.0 (Linux; Android 16; SM) AppleWebKit/537.36 SamsungBrowser/29.0 Chrome/140 Safari/537.36",
    "Android · Samsung",
  ],
  ["Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/144.0 Safari/537.36 Edg/144.0", "Windows · Edge"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0", "Linux · Firefox"],
  ["", "Browser"],
])("%s is called %s", (agent, name) => {
  expect(deviceName(agent)).toBe(name);
});
