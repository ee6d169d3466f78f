#!/usr/bin/env node
// Finds wordings that strangers misread in texts for people: Markdown outside of code blocks, the help and the labels
// of the nodes, and texts in quotes in the sources. Prints a line for each: where, what, and what to write instead.
//
//   node scripts/check-words.mjs [folder]
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What is misread, and what is understood.
 *
 * @type {readonly (readonly [RegExp, string])[]}
 */
export const WORDS = [
  [/\bwhere absent\b/i, '(default …)'],
  [/(?<!there )\b(?:is|are) none\b/i, 'is not a …, or there is no …'],
  [/\bone that is there\b/i, 'an existing …'],
  [/\bis there already\b/i, 'already exists'],
  [/\bis not looked at\b/i, 'has no effect'],
  [/\bnobody who\b|\bno one who\b/i, 'no process that …, or no user who …'],
  [/\bfor good\b/i, 'permanently'],
  [/\bthe house\b/i, 'the repository, or the project'],
  [/\bgo(?:es)? on on\b/i, 'continue on'],
  [/\bhas no time for\b|\bwhat is too much\b/i, 'excess readings'],
  [/\bits owner only\b/i, 'readable only by its owner'],
  [/\bno good reading\b|\bis no good\b/i, 'is invalid'],
  [/\bnever so far\b/i, 'new extreme'],
  [/\bthose who\b/i, 'users who …'],
  [/\bwhat (?:came|comes) of\b/i, 'the result of …, or the answer'],
  [/\bso many (?=\w+ (?:are|is|before|that|as)\b)|\bso many times\b/i, 'this many …'],
  [/\bas it (?:came|comes)\b/i, 'unchanged'],
  [/\b(?:is|are) looked at\b/i, '… uses, or … examines'],
  [/\bthat are over\b/i, 'finished …'],
  [/\bsure by\b/i, '… % sure'],
  [/\banew\b/i, 'again'],
  [/\bgo(?:es)? on (?:with|learning)\b/i, 'continue with …, or keep learning'],
  [/\bthat says nothing\b/i, 'unknown …'],
  [/\bnone that is\b/i, 'no … that is'],
  [/\bthan are done here\b/i, 'than this device can process'],
  [/\bis no (?:board|engine|LZF|neuron|node|parameter|type)\b/i, 'is not a …'],
  [/\bthat none has\b/i, 'invalid …'],
  [/\bno such thing\b/i, '…, which … cannot express'],
  [/\bknown here\b/i, 'unknown …, or supported …'],
  [/\bcomes? along\b/i, 'the new … keeps …'],
  [/\bhow updates stand\b/i, 'the state of updates'],
  [/\bis given for\b/i, 'has no effect …'],
  [/\bto choose by\b/i, 'needs … to choose from'],
  [/\bhear itself\b/i, '… would read its own results'],
  [/\bwhich net to tell\b/i, 'the net to teach'],
  [/\bare taken to have\b/i, 'are assumed to …'],
];

const isText = (path) => path.endsWith('.md') || /palette\/.*\.(?:html|json)$/.test(path);
const isSource = (path) => /^[a-z]+\/src\/.*\.(?:ts|js|html)$/.test(path) && !/\.test(?:-data)?\.ts$/.test(path);
/** History, other people's texts, and what is generated. */
const isLeftOut = (path) => /(?:^|\/)(?:node_modules|dist|RESULTS\.md|NOTICE|\.git|data)(?:\/|$)/.test(path);

function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!isLeftOut(entry.name)) yield* filesIn(path);
    } else if (!isLeftOut(entry.name)) yield path;
  }
}

/** The parts of a line that people read. */
function* partsOf(line, isQuoted) {
  if (!isQuoted) return yield line;
  if (/^\s*(?:\*|\/\/|\/\*)/.test(line)) return;
  for (const [, ...quoted] of line.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g))
    yield quoted.find((text) => text !== undefined) ?? '';
}

/** What is wrong in a file, a line for each wording. */
export function findingsIn(path, text) {
  const isQuoted = !isText(path);
  const findings = [];
  let inCode = false;
  for (const [k, line] of text.split('\n').entries()) {
    if (path.endsWith('.md') && line.startsWith('```')) inCode = !inCode;
    if (inCode) continue;
    for (const part of partsOf(line, isQuoted)) {
      for (const [pattern, instead] of WORDS) {
        const found = pattern.exec(part);
        if (found !== null) findings.push(`${path}:${k + 1}: "${found[0]}"; expected ${instead}`);
      }
    }
  }
  return findings;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
  const paths = [...filesIn(root)].map((path) => relative(root, path)).filter((path) => isText(path) || isSource(path));
  const findings = paths.flatMap((path) => findingsIn(path, readFileSync(join(root, path), 'utf8')));
  for (const line of findings) console.error(line);
  console.log(`${paths.length} files with texts for people, ${findings.length} wordings to change`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
