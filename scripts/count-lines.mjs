#!/usr/bin/env node
// Counts lines of code by package: of the product, of tests and of scripts, without comments and blank lines; comment
// lines apart; and all lines of these files.
//
//   node scripts/count-lines.mjs                             the working tree
//   node scripts/count-lines.mjs --at <commit>               a commit
//   node scripts/count-lines.mjs --since <commit>            the difference from a commit to the working tree
//   node scripts/count-lines.mjs --since <commit> --at <commit>
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CODE = /[.](ts|mts|mjs|js|css|html|c|h|py|sh)$|^[.]ci\/run$/;
const TEST = /^test\/|[.]test(-data)?[.]ts$/;
const SCRIPT = /^(scripts|studies|[.]ci)\/|^[^/]+$/;
const COLUMNS = ['files', 'product', 'tests', 'scripts', 'comments', 'all lines'];

/** By the ending of a file: what begins a line of comment, and what begins and ends a block of it. */
const COMMENTS = [
  { files: /[.](ts|mts|mjs|js|css|c|h)$/, line: '//', block: ['/*', '*/'] },
  { files: /[.]html$/, block: ['<!--', '-->'] },
  { files: /[.](py|sh)$|run$/, line: '#' },
];

function git(...words) {
  return execFileSync('git', words, { cwd: ROOT, maxBuffer: 2 ** 30 });
}

const namesIn = (output) => output.toString().split('\0').filter(Boolean);

/** Counts by package, of the working tree or of a commit. */
function countsOf(commit) {
  if (commit === undefined) {
    const names = namesIn(git('ls-files', '-z', '--cached', '--others', '--exclude-standard'));
    return countsIn(
      ROOT,
      names.filter((name) => existsSync(join(ROOT, name))),
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-lines-'));
  try {
    execFileSync('tar', ['-x', '-C', folder], { input: git('archive', commit) });
    return countsIn(folder, namesIn(git('ls-tree', '-r', '-z', '--name-only', commit)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function countsIn(folder, names) {
  const counts = new Map();
  for (const name of names.filter((name) => CODE.test(name)).sort()) {
    const owner = name.includes('/') ? name.slice(0, name.indexOf('/')) : '(root)';
    if (!counts.has(owner)) counts.set(owner, Object.fromEntries(COLUMNS.map((column) => [column, 0])));
    const lines = linesOf(readFileSync(join(folder, name), 'utf8'), name);
    const own = counts.get(owner);
    own.files++;
    own[kindOf(name)] += lines.code;
    own.comments += lines.comments;
    own['all lines'] += lines.all;
  }
  return counts;
}

function kindOf(name) {
  if (TEST.test(name)) return 'tests';
  return SCRIPT.test(name) ? 'scripts' : 'product';
}

function linesOf(text, name) {
  const { line: start, block: [open, close] = [] } = COMMENTS.find(({ files }) => files.test(name));
  const lines = text.replace(/\n$/, '').split('\n');
  let [code, comments, isInside] = [0, 0, false];
  for (const line of lines.map((each) => each.trim()).filter(Boolean)) {
    const opens = !isInside && open !== undefined && line.startsWith(open);
    if (isInside || opens || (start !== undefined && line.startsWith(start))) comments++;
    else code++;
    if (isInside || opens) isInside = !line.includes(close);
  }
  return { code, comments, all: lines.length };
}

/** What is more in the second; a package may be in one of them alone. */
function difference(before, after) {
  const owners = [...new Set([...before.keys(), ...after.keys()])].sort();
  const of = (counts, owner, column) => counts.get(owner)?.[column] ?? 0;
  const changed = (owner) => COLUMNS.map((column) => [column, of(after, owner, column) - of(before, owner, column)]);
  return new Map(owners.map((owner) => [owner, Object.fromEntries(changed(owner))]));
}

function tableOf(counts, inWords) {
  const sum = COLUMNS.map((column) => [column, [...counts.values()].reduce((total, own) => total + own[column], 0)]);
  const rows = [...counts, ['total', Object.fromEntries(sum)]].map(([owner, own]) => [
    owner,
    ...COLUMNS.map((column) => inWords(own[column])),
  ]);
  const cells = [['package', ...COLUMNS], ...rows];
  const widths = cells[0].map((_, k) => Math.max(...cells.map((row) => row[k].length)));
  const lines = cells.map(([owner, ...own]) =>
    [owner.padEnd(widths[0]), ...own.map((cell, k) => cell.padStart(widths[k + 1]))].join('  '),
  );
  return `${lines.join('\n')}\n`;
}

const { values } = parseArgs({ options: { at: { type: 'string' }, since: { type: 'string' } } });
const counted = countsOf(values.at);
const signed = (number) => (number > 0 ? `+${number}` : `${number}`);
process.stdout.write(
  values.since === undefined ? tableOf(counted, String) : tableOf(difference(countsOf(values.since), counted), signed),
);
