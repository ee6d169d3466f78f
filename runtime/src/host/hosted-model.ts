/** A model as its file has it. */
export interface HostedModel {
  /** Of a .spike file, or of its text form. */
  readonly bytes: Uint8Array;
  /** Path of its file, in front of what is wrong with it and as the title of the page. Default: it has none. */
  readonly name?: string | undefined;
}
