// The page of results: counts by package and kind, and every survivor with its reason.
import { keyOf } from './draw.mjs';
import { KINDS } from './sites.mjs';

/**
 * Why a mutation survives: no input shows it ('equivalent'); only speed, the words of a message or another quantity
 * that no one relies on ('harmless'). 'tested' survives the tests nearest to it and is killed by `test`, a file that
 * runs first. 'open' is what a test should kill, and says why none does yet.
 *
 * @typedef {{ file: string, before: string, after: string, verdict: 'equivalent' | 'harmless' | 'tested' | 'open',
 *   reason: string, test?: string }} Reason
 */

/**
 * What of the results survives, and has no reason.
 *
 * @param {import('./results.mjs').Judged[]} all
 * @param {Reason[]} reasons
 */
export function unexplained(all, reasons) {
  return all.filter((judged) => verdictOf(judged, reasons) === 'survived');
}

/** RESULTS.md of these results. */
export function page({ drawn, all }, reasons) {
  const judged = all.map((each) => ({ ...each, verdict: verdictOf(each, reasons), reason: reasonOf(each, reasons) }));
  const having = (verdict) => judged.filter((each) => each.verdict === verdict);
  const packages = [...new Set(judged.map((each) => each.package))].sort();
  const parts = [
    '# Mutations',
    introduction(drawn, judged),
    table('package', packages, judged),
    table('kind', KINDS, judged),
    section('Survive', having('survived')),
    section('Killed by a test that was added or is far', having('tested')),
    section('Equivalent', having('equivalent')),
    section('Harmless', having('harmless')),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** @param {Reason[]} reasons */
export function reasonOf(judged, reasons) {
  return reasons.find((reason) => keyOf(reason) === keyOf(judged));
}

/** A survivor is excused only by a reason; 'tested' must be killed indeed. */
function verdictOf(judged, reasons) {
  const verdict = reasonOf(judged, reasons)?.verdict;
  if (judged.outcome === 'survived') return ['equivalent', 'harmless'].includes(verdict) ? verdict : 'survived';
  return verdict === 'tested' ? 'tested' : judged.outcome;
}

function introduction({ seed, package: only, commit }, judged) {
  const command = `npm run mutations -- --seed ${seed} --count ${judged.length}${only ? ` --package ${only}` : ''}`;
  const survivors = judged.filter(({ verdict }) => verdict === 'survived').length;
  const percent = ((100 * survivors) / Math.max(1, judged.length)).toFixed(1);
  const text = [
    `\`${command}\`, Node ${process.version}, begun on commit '${commit}'. ${judged.length} mutations, ${survivors} of`,
    `them (${percent} %) survive without a reason that excuses them. The command writes this page.`,
  ];
  return wrapped(text.join(' ')).join('\n');
}

function table(name, rows, judged) {
  const verdicts = ['killed', 'tested', 'equivalent', 'harmless', 'survived', 'invalid'];
  const cells = (label, of) => [
    label,
    of.length,
    ...verdicts.map((v) => of.filter(({ verdict }) => verdict === v).length),
  ];
  return aligned([
    [
      name,
      'drawn',
      'killed',
      'killed by added or far tests',
      'equivalent',
      'harmless',
      'no reason',
      'does not compile',
    ],
    ...rows.map((row) =>
      cells(
        row,
        judged.filter((each) => each[name] === row),
      ),
    ),
    cells('all', judged),
  ]);
}

function aligned(rows) {
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => String(row[k]).length)));
  const line = (row) => `| ${row.map((cell, k) => String(cell).padEnd(widths[k])).join(' | ')} |`;
  const [head, ...body] = rows.map(line);
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body].join('\n');
}

function section(title, judged) {
  return [`## ${title}: ${judged.length}`, ...judged.map(entry)].join('\n\n');
}

function entry({ file, line, kind, before, after, reason, files, of }) {
  const said = reason === undefined ? `${files} of the ${of} files of tests that reach it ran.` : reason.reason;
  return [...wrapped(`\`${file}:${line}\` (${kind}): ${said}`), '', '```diff', `- ${before}`, `+ ${after}`, '```'].join(
    '\n',
  );
}

/** In lines of at most 120 columns. */
function wrapped(text) {
  return text.match(/\S.{0,118}(?:\S(?=\s|$))|\S+/g) ?? [];
}
