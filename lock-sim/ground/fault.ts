/** What the simulator throws. Messages are lowercase and quote input in backticks; `code` is stable. */
export class SimulatorError extends Error {
  override readonly name = "SimulatorError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
