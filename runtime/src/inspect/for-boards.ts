import { type BoardLimit, missOf, type PublishedBoard } from '@spikewire/engine/executor';
import type { Model } from '@spikewire/models';

/** What of a model a board could hold. */
export interface BoardReport {
  readonly board: string;
  readonly name: string;
  /** Whether every published limit is met; a board may have limits that nobody publishes. */
  readonly fits: boolean;
  readonly limits: readonly ReportedLimit[];
}

/** A limit, and by how much it is missed: a factor, a difference or a count, for people. */
export type ReportedLimit = BoardLimit & { readonly missedBy?: string };

/** What of a model each board could hold, board by board, those limits first that are missed. */
export async function forBoards(model: Model, boards: readonly PublishedBoard[]): Promise<BoardReport[]> {
  const reports: BoardReport[] = [];
  for (const board of boards) {
    const found = (await board.limits(model)).map((limit): ReportedLimit => {
      const miss = missOf(limit);
      return miss === '' ? limit : { ...limit, missedBy: miss };
    });
    const limits = found.toSorted((a, b) => Number(a.fits) - Number(b.fits));
    reports.push({ board: board.address, name: board.name, fits: limits.every(({ fits }) => fits), limits });
  }
  return reports;
}
