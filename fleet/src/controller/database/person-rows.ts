/** Each may do what those before it may. */
export type Role = 'look' | 'operate' | 'release' | 'administer';

/** Somebody, or a program, that uses the controller. */
export interface PersonRow {
  readonly id: string;
  /** Unique; the history has it. */
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the token, which nobody can read here. */
  readonly hash: string;
  readonly made: number;
  readonly madeBy: string;
}
