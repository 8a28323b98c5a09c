export { answerCredential, type AnswerDeps } from "./answer-credential.ts";
export { openDoor, type OpenDeps, type OpenFailure } from "./open-door.ts";
export { IDEMPOTENCY_KEY_PATTERN, WAIT_MS_MAX, type Opener, type OpenRequest, type OpenTarget } from "./request.ts";
export { operationById, type CommandRow, type StoredOperation } from "./store.ts";
export { endForgottenOperations } from "./sweep-operations.ts";
