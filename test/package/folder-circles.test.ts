import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const CHECK = fileURLToPath(new URL('../../scripts/check-folders.mjs', import.meta.url));

describe('the check of folders', () => {
  let tree: string;
  beforeEach(() => {
    tree = mkdtempSync(join(tmpdir(), 'spikewire-folders-'));
    write('tsconfig.json', JSON.stringify({ references: [{ path: 'models' }] }));
    for (const name of ['tsconfig.json', 'package.json']) write(`models/${name}`, '{}');
  });
  afterEach(() => rmSync(tree, { recursive: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }

  /** What the check says of a package with these files, the text of each by its path. */
  function check(files: Record<string, string>): { status: number | null; lines: string[] } {
    for (const [path, text] of Object.entries(files)) write(`models/src/${path}`, text);
    const { status, stdout, stderr } = spawnSync(process.execPath, [CHECK, tree], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return { status, lines: stdout.split('\n').slice(0, -1) };
  }

  it('finds none in this workspace', () => {
    const { status, stdout } = spawnSync(process.execPath, [CHECK], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it('lets arrows pass that lead one way', () => {
    const files = {
      'error.ts': '',
      'low/low.ts': "import '../error.ts';",
      'low/deep/deep.ts': "import '../../error.ts';",
      'middle/middle.ts': "import '../low/low.ts';",
      'middle/kinds/kind.ts': "import '../../low/deep/deep.ts';",
      'high/high.ts':
        "import '../middle/kinds/kind.ts'; import '../low/low.ts'; import './other.ts'; import 'node:fs';",
      'high/other.ts': '',
    };
    expect(check(files)).toEqual({ status: 0, lines: [] });
  });

  const back: Record<string, string> = {
    'an import': "import { b } from '../b/b.ts';",
    'a type': "import type { B } from '../b/b.ts';",
    'a type among values': "import { type B, c } from '../b/b.ts';",
    'a type where it is used': "export type A = import('../b/b.ts').B;",
    'an import when it is needed': "export const load = () => import('../b/b.ts');",
    'an export': "export * from '../b/b.ts';",
  };
  for (const [what, statement] of Object.entries(back)) {
    it(`says which files draw a circle, ${what} among them`, () => {
      expect(check({ 'a/a.ts': statement, 'a/c.ts': '', 'b/b.ts': "import '../a/c.ts';" })).toEqual({
        status: 1,
        lines: ['circle of folders in models/src', '  a/a.ts → b/b.ts', '  b/b.ts → a/c.ts'],
      });
    });
  }

  const circles: Record<string, Record<string, string>> = {
    'three folders': {
      'a/a.ts': "import '../b/b.ts';",
      'b/b.ts': "import '../c/c.ts';",
      'c/c.ts': "import '../a/other.ts';",
    },
    'files of a folder and one below it': { 'a/a.ts': "import './b/b.ts';", 'a/b/b.ts': "import '../c.ts';" },
    'files of the package and a folder': { 'model.ts': "import './a/a.ts';", 'a/a.ts': "import '../error.ts';" },
    'folders of which one reaches the other below': {
      'a/a.ts': "import '../b/below/b.ts';",
      'b/b.ts': "import '../a/other.ts';",
    },
    'folders below another': {
      'a/b/b.ts': "import '../c/c.ts';",
      'a/c/c.ts': "import type { B } from '../b/other.ts';",
    },
    'a face that its own folder imports': { 'a/index.ts': "export * from './a.ts';", 'a/a.ts': "import './index.ts';" },
  };
  for (const [what, files] of Object.entries(circles)) {
    it(`finds a circle of ${what}`, () => {
      const { status, lines } = check(files);
      expect(lines.filter((line) => line.startsWith('circle'))).toHaveLength(1);
      expect(lines).toHaveLength(1 + Object.keys(files).length);
      expect(status).toBe(1);
    });
  }

  it('counts neither faces, which show what others have, nor tests', () => {
    const files = {
      'index.ts': "export * from './a/a.ts'; export * from './error.ts';",
      'commands.ts': "export * from './a/a.ts';",
      'error.ts': '',
      'a/a.ts': "import '../error.ts';",
      'b/b.ts': "import '../a/a.ts';",
      'a/a.test.ts': "import '../b/b.ts';",
      'a/reader.test-data.ts': "import '../b/b.ts';",
    };
    expect(check(files)).toEqual({ status: 0, lines: [] });
  });
});
