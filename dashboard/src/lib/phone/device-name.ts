/** Devices by what their browsers call them, the most telling first. */
const DEVICES: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Macintosh/, "Mac"],
  [/CrOS/, "Chromebook"],
  [/Linux/, "Linux"],
];
/** Browsers likewise: most of them name Chrome and Safari as well. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg/, "Edge"],
  [/SamsungBrowser/, "Samsung"],
  [/Firefox|FxiOS/, "Firefox"],
  [/Chrome|CriOS/, "Chrome"],
  [/Safari/, "Safari"],
];

/** What a device is called in lists, such as `iPhone · Safari`: whoever lost one of two should tell them apart. */
export function deviceName(agent: string): string {
  const first = (among: typeof DEVICES): string | undefined => among.find(([sign]) => sign.test(agent))?.[1];
  return [first(DEVICES), first(BROWSERS) ?? "Browser"].filter((part) => part !== undefined).join(" · ");
}
