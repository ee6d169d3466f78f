import type { Database } from '../database/database.ts';
import type { Page } from '../database/page.ts';
import type { Role } from '../database/person-rows.ts';
import { beginRollout, type RolloutRequest } from './beginning.ts';
import { abortRollout, approveRollout, pauseRollout, resumeRollout } from './rollout-acts.ts';
import {
  listRollouts,
  type MachineListWish,
  type RolloutDetails,
  type RolloutListWish,
  type RolloutMachine,
  type RolloutSummary,
  rolloutDetails,
  rolloutMachines,
} from './rollout-lists.ts';

/**
 * The rollouts of a fleet, as people begin, watch and steer them. Each act is noted in the history with who did it, and
 * rejects with `usage` where it cannot be done.
 */
export class Rollouts {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Returns the id of the new rollout. */
  async begin(request: RolloutRequest, by: string): Promise<string> {
    return beginRollout(this.#database, request, by);
  }

  /** The newest first. */
  list(wish: RolloutListWish): Promise<Page<RolloutSummary>> {
    return listRollouts(this.#database, wish);
  }

  get(id: string): Promise<RolloutDetails | undefined> {
    return rolloutDetails(this.#database, id);
  }

  /** By their places. */
  machines(id: string, wish: MachineListWish): Promise<Page<RolloutMachine> | undefined> {
    return rolloutMachines(this.#database, id, wish);
  }

  /** Lets a rollout that is held continue with its next wave, once all have approved whom its plan names. */
  approve(id: string, by: string, role: Role = 'release'): Promise<void> {
    return approveRollout(this.#database, id, by, role);
  }

  /** Lets no machine begin with the base, and no wave begin. A rollout that is paused may still be stopped. */
  pause(id: string, by: string): Promise<void> {
    return pauseRollout(this.#database, id, by);
  }

  resume(id: string, by: string): Promise<void> {
    return resumeRollout(this.#database, id, by);
  }

  /** Ends the rollout: machines leave its base. */
  abort(id: string, by: string): Promise<void> {
    return abortRollout(this.#database, id, by);
  }
}
