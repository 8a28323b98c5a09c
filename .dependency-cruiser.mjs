// The rules stand in .ci/floors.ts, where a planted violation tests each; this file is for editors and `npx depcruise`.
import { FILE_RULES, FOLDER_RULES } from "./.ci/floors.ts";

export default {
  forbidden: [...FILE_RULES, ...FOLDER_RULES],
  options: { doNotFollow: { path: "node_modules" }, tsPreCompilationDeps: true },
};
