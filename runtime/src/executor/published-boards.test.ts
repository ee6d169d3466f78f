import type { Model } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bringing, Installation } from '../extensions/installation.test-data.ts';
import { forBoards } from '../inspect/for-boards.ts';
import { publishedBoards } from './published-boards.ts';

let made: Installation;
beforeEach(() => {
  made = new Installation();
});
afterEach(() => made.remove());

const limit = (needs: number, has: number, more = '') =>
  `{ what: 'neurons', needs: '${needs}', has: '${has}', fits: ${needs <= has}, ${more}
     source: { title: 'a book', evidence: 'recalled' } }`;
const board = (address: string, limits: string) =>
  `{ address: '${address}', name: 'a board', limits: async () => [${limits}] }`;

function install(boards: string): void {
  made.install(made.project, { odd: bringing('boards', 'boards', `[${boards}]`) });
}

const addressesOf = async (...asked: string[]) =>
  (await publishedBoards('inspect --for', asked, made.places)).map(({ address }) => address);

describe('boards whose limits are published', () => {
  it('are found by address, by the first word, and all together, each once', async () => {
    install(['small', 'large:a', 'large:b'].map((address) => board(address, '')).join());
    expect(await addressesOf('small')).toEqual(['small']);
    expect(await addressesOf('large', 'large:b')).toEqual(['large:a', 'large:b']);
    expect(await addressesOf('all')).toEqual(expect.arrayContaining(['small', 'large:a', 'large:b']));
  });

  it('are refused by a name that nobody has', async () => {
    install(board('small', ''));
    await expect(addressesOf('tiny')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(
        /^inspect --for: "tiny" is not a known board; expected the word all, or one of .*small/,
      ),
    });
  });

  it('say by how much a limit is missed, and what is missed first', async () => {
    install(board('small', [limit(1, 2), limit(3, 2), limit(5, 0), limit(9, 2, "missedBy: 'much',")].join()));
    const [report] = await forBoards({} as Model, await publishedBoards('', ['small'], made.places));
    expect(report!.fits).toBe(false);
    expect(report!.limits.map(({ missedBy }) => missedBy)).toEqual(['1.5 times', '5', 'much', undefined]);
  });

  it('report a board that fails in one line, and the limits of all others', async () => {
    const failing = "{ address: 'broken', name: 'a board', limits: async () => { throw 7; } }";
    install([failing, board('small', limit(1, 2))].join());
    const boards = await publishedBoards('', ['broken', 'small'], made.places);
    const reports = await forBoards({} as Model, boards);
    expect(reports).toMatchObject([
      { board: 'broken', fits: false, limits: [], problem: expect.stringMatching(/limits failed \(7\)/) },
      { board: 'small', fits: true },
    ]);
    expect(reports[1]!.problem).toBeUndefined();
  });

  it('tell a refusal of a driver without a source, and what a board changes', async () => {
    const refusing = `{ address: 'fussy', name: 'a board', limits: async () => [${limit(1, 2)}],
      notes: async () => ['weights shrink'], refusal: async () => 'model: has odd names' }`;
    const willing = refusing.replace('fussy', 'willing').replace("'model: has odd names'", 'undefined');
    const wrong = refusing.replace('fussy', 'wrong').replace("'model: has odd names'", '7');
    install([refusing, willing, wrong].join());
    const boards = await publishedBoards('', ['fussy', 'willing', 'wrong'], made.places);
    const [fussy, other, third] = await forBoards({} as Model, boards);
    expect(fussy).toMatchObject({ fits: false, refusal: 'model: has odd names', notes: [] });
    expect(fussy!.limits.every(({ fits }) => fits)).toBe(true);
    expect(other).toMatchObject({ fits: true, notes: ['weights shrink'] });
    expect(other!.refusal).toBeUndefined();
    expect(third!.problem).toMatch(/what refusal gave/);
  });

  it('of a driver that fails are one line, beside those of the others', async () => {
    made.install(made.project, {
      broken: bringing(
        'drivers',
        'acceleratorDrivers',
        `[{ scheme: 'broken', summary: 'boards that fail', list: async () => [], open: async () => {},
            profiles: async () => { throw new Error('no file'); } }]`,
      ),
      odd: bringing('boards', 'boards', `[${board('small', limit(1, 2))}]`),
    });
    const reports = await forBoards({} as Model, await publishedBoards('', ['all'], made.places));
    expect(reports.find((report) => report.board === 'broken')).toMatchObject({
      fits: false,
      limits: [],
      problem: expect.stringMatching(/^broken: driver of boards "broken": profiles failed \(no file\)/),
    });
    expect(reports.find((report) => report.board === 'small')).toMatchObject({ fits: true });
  });
});
