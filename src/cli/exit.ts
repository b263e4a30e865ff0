/** Thrown by a command that ends with an exit code and has said all there is to say. */
export class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit code ${code}`);
  }
}
