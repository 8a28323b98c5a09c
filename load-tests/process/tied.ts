/** Loaded before a program of ours: it ends with whoever started it, however that one ended. */
process.stdin.once("end", () => process.exit()).resume();
