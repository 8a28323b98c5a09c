/** A fault of a load test that has a name. */
export class LoadError extends Error {
  override readonly name = "LoadError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
