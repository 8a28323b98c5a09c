import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { asyncApiDocument } from "./document.ts";

writeFileSync(
  join(import.meta.dirname, "..", "asyncapi.json"),
  `${JSON.stringify(asyncApiDocument(), undefined, 2)}\n`,
);
