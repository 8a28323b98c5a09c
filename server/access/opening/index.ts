export { answerCredential, type AnswerDeps } from "./answer-credential.ts";
export { LateEndings } from "./late-endings.ts";
export { type OpenDeps, type OpenFailure } from "./open-door.ts";
export { OperationFeed } from "./operation-feed.ts";
export { type Opener, type OpenRequest, type OpenTarget } from "./request.ts";
export { type CommandRow, type StoredOperation } from "./store.ts";
export { endForgottenOperations } from "./sweep-operations.ts";
