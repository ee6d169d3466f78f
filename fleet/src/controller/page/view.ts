import type { ControllerStatus, Role } from '../wire/wire.ts';
import type { Api } from './api.ts';
import type { ChangeKind } from './changes.ts';
import type { Content } from './markup.ts';

/** A place of the page: what it has read of the controller, as it is shown. */
export interface View {
  readonly title: string;
  /** After what changes it reads again. */
  readonly about: readonly ChangeKind[];
  /** Throws ApiError. What it had read before stays until all is there. */
  read(): Promise<void>;
  /** After the first `read`. */
  draw(): Content;
  /** Follows what it shows beside changes, for as long as it is shown. */
  follow?(signal: AbortSignal): void;
}

/** What a person wants done; `question` and `confirm` where it has to be confirmed. */
export interface Act {
  readonly question?: string;
  readonly confirm?: string;
  readonly danger?: boolean;
  /** What is said afterwards. */
  readonly done: string;
  readonly work: () => Promise<unknown>;
}

/** Who looks, and what views ask of the page around them. */
export interface Session {
  readonly api: Api;
  readonly status: ControllerStatus;
  /** The time of the controller. */
  readonly now: number;
  /** Shows the same view again, without reading. */
  redraw(): void;
  /** Reads what the view shows, and shows it. */
  refresh(): Promise<void>;
  /** Whether it was confirmed and done; says what went wrong. */
  act(act: Act): Promise<boolean>;
}

const ROLES: readonly Role[] = ['look', 'operate', 'release', 'administer'];

/** Whether the person has the role, or one above it. */
export function may({ status }: Pick<Session, 'status'>, role: Role): boolean {
  return ROLES.indexOf(status.role) >= ROLES.indexOf(role);
}
