import { type BoardLimit, missOf, type PublishedBoard } from '@spikewire/engine/executor';
import type { Model } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';

/** What of a model a board could hold. */
export interface BoardReport {
  readonly board: string;
  readonly name: string;
  /** Whether every published limit is met, and no driver refuses it; a board may have limits that nobody publishes. */
  readonly fits: boolean;
  readonly limits: readonly ReportedLimit[];
  /** What the board changes about the model, a line each. */
  readonly notes: readonly string[];
  /** Why the driver of the board takes the model in no case, though it meets all limits. */
  readonly refusal?: string;
  /** Why its limits cannot be compared, in a line; absent where they were. */
  readonly problem?: string;
}

/** A limit, and by how much it is missed: a factor, a difference or a count, for people. */
export type ReportedLimit = BoardLimit & { readonly missedBy?: string };

/** What of a model each board could hold, board by board, those limits first that are missed. */
export async function forBoards(model: Model, boards: readonly PublishedBoard[]): Promise<BoardReport[]> {
  const reports: BoardReport[] = [];
  for (const board of boards) reports.push(await reportOf(model, board));
  return reports;
}

async function reportOf(model: Model, published: PublishedBoard): Promise<BoardReport> {
  const board = { board: published.address, name: published.name };
  try {
    const found = (await published.limits(model)).map((limit): ReportedLimit => {
      const miss = missOf(limit);
      return miss === '' ? limit : { ...limit, missedBy: miss };
    });
    const sorted = found.toSorted((a, b) => Number(a.fits) - Number(b.fits));
    const meets = sorted.every(({ fits }) => fits);
    const refusal = meets ? await published.refusal?.(model) : undefined;
    const fits = meets && refusal === undefined;
    const notes = fits ? ((await published.notes?.(model)) ?? []) : [];
    return { ...board, fits, limits: sorted, notes, ...(refusal !== undefined && { refusal }) };
  } catch (problem) {
    // The limits of the other boards are shown all the same.
    if (!(problem instanceof SpikewireError)) throw problem;
    return { ...board, fits: false, limits: [], notes: [], problem: problem.message };
  }
}
