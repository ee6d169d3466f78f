import type { BoardReport, ReportedLimit } from '../inspect/for-boards.ts';
import type { CommandArguments, CommandConsole, OptionDeclaration } from './command.ts';
import { openModel } from './model-argument.ts';
import { formatTable } from './table.ts';

export const forOption: OptionDeclaration = {
  type: 'string',
  value: '<boards>',
  doc:
    'compare the model with the published limits of boards that need not be attached, such as loihi,fpga:up5k, ' +
    'or with the word all; --device is for engines and attached boards',
};

/** What of a model the boards of `--for` could hold. Rejects with `usage` for a board that nobody knows. */
export async function inspectForBoards(
  boards: string,
  args: CommandArguments,
  console: CommandConsole,
  memory: number,
) {
  const [{ publishedBoards }, { forBoards }, { SpikewireError }] = await Promise.all([
    import('../executor/published-boards.ts'),
    import('../inspect/for-boards.ts'),
    import('@spikewire/models'),
  ]);
  const where = 'spikewire inspect --for';
  const other = ['device', 'data'].find((name) => args.text(name) !== undefined) ?? (args.flag('split') && 'split');
  if (other) throw new SpikewireError('usage', where, 'compares limits only, and runs no net', `no --${other} with it`);
  const path = args.positionals[0]!;
  const { model } = await openModel(path, console, memory);
  const addresses = boards.split(',').map((each) => each.trim());
  const reports = await forBoards(model, await publishedBoards(where, addresses));
  console.result({ model: path, boards: reports }, () =>
    reports.length > 1 ? overview(path, reports) : reports.flatMap((report) => details(path, report)),
  );
}

/** A line for each board, with the limit that is missed first. */
function overview(path: string, reports: readonly BoardReport[]): string[] {
  const rows = reports.map(({ board, fits, limits, refusal, problem }) => {
    if (problem !== undefined) return [board, 'cannot be compared', '', problem, '', ''];
    if (refusal !== undefined) return [board, 'is refused', '', refusal, '', 'its driver'];
    const missed = limits.filter((limit) => !limit.fits);
    const [first] = missed;
    const found = limits.length === 0 ? 'no limits are published' : fits ? 'meets' : 'violates';
    return [
      board,
      found,
      limits.length === 0 ? '' : `${fits ? limits.length : missed.length} of ${limits.length}`,
      first === undefined ? '' : `${placeOf(first)}: ${first.what}; needs: ${first.needs}; board: ${first.has}`,
      first?.missedBy ?? '',
      first === undefined ? '' : sourceOf(first),
    ];
  });
  const table = formatTable(['board', '', 'limits', 'first violated limit', 'extent', 'source'], rows);
  return [`${path} and the published limits of boards:`, '', ...table];
}

function details(path: string, { board, name, limits, notes, refusal, problem }: BoardReport): string[] {
  if (problem !== undefined) return [`${path} for ${board} (${name}): cannot be compared: ${problem}`];
  const refused = refusal === undefined ? [] : [`its driver refuses it: ${refusal}`];
  if (limits.length === 0) return [`${path} for ${board} (${name}): no limits are published`, ...refused];
  const missed = limits.filter((limit) => !limit.fits).length;
  const verdict =
    missed === 0 ? `meets all ${limits.length} published limits` : `violates ${missed} of ${limits.length} limits`;
  const rows = limits.map((limit) => [
    placeOf(limit),
    limit.what,
    limit.needs,
    limit.has,
    limit.fits ? 'meets' : `violates (${limit.missedBy ?? 'all'})`,
    sourceOf(limit),
  ]);
  return [
    `${path} for ${board} (${name}): ${verdict}`,
    '',
    ...formatTable(['node', 'limit', 'needs', 'board', '', 'source'], rows),
    ...[...refused, ...notes.map((note) => `note: ${note}`)].flatMap((line) => ['', line]),
  ];
}

function placeOf({ node }: ReportedLimit): string {
  return node ?? 'the net';
}

/** The title, and what is not read in the source itself is said. */
function sourceOf({ source: { title, evidence } }: ReportedLimit): string {
  return `${title} (${evidence})`;
}

/**
 * What went wrong with a device, with the advice to ask `--for` where the address is that of a board whose limits are
 * known.
 */
export async function advisingFor(device: string, problem: unknown): Promise<unknown> {
  const [{ publishedBoards }, { SpikewireError }] = await Promise.all([
    import('../executor/published-boards.ts'),
    import('@spikewire/models'),
  ]);
  if (!(problem instanceof SpikewireError)) return problem;
  const known = await publishedBoards('', [device]).catch(() => []);
  if (known.length === 0) return problem;
  const { code, where, message, expected } = problem;
  const advice = `--for ${device}, which needs no attached board`;
  return SpikewireError.restore(code, where, `${message}${expected === undefined ? '; expected' : ', or'} ${advice}`);
}
