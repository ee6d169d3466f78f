#!/usr/bin/env node
// Writes docs/reference.md: every kind with its parameters, from the tables and doc comments in models/src; and
// docs/formats.md.
//
//   npm run docs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  decoderKinds,
  encoderKinds,
  featureKinds,
  mechanismParameters,
  mechanisms,
  monitorKinds,
  nodeKinds,
  plasticityKinds,
} from '@spikewire/models';
import { FORMATS, formatsPage } from './formats-page.mjs';

const SOURCE = fileURLToPath(new URL('../models/src', import.meta.url));
export const REFERENCE = fileURLToPath(new URL('../docs/reference.md', import.meta.url));

const HEAD = `# Reference

Every kind that a model may name, with its parameters as files write them. Made by \`npm run docs\` from the tables and
comments of [models/src](../models/src); a test says when it is stale. What a step does with them is in
[semantics.md](semantics.md), how they stand in a file in [model-file.md](model-file.md).
`;

const byRole = (role) => nodeKinds.filter((kind) => kind.role === role);
const named = (kinds) =>
  kinds.map(({ type, rule, parameters, ...kind }) => ({ ...kind, name: type ?? rule, parameters }));

const chapters = [
  ['Neurons', 'neurons', named(byRole('neuron'))],
  ['Connections', 'connections', named(byRole('connection'))],
  ['Features', 'features', named(featureKinds)],
  ['Encoders', 'coding/encoders', named(encoderKinds)],
  ['Decoders', 'coding/decoders', named(decoderKinds)],
  ['Learning rules', 'plasticity', named(plasticityKinds)],
  ['Monitors', 'monitoring', named(monitorKinds)],
];

const shared = [
  ['beside any rule', mechanismParameters],
  ...mechanisms.flatMap(({ key, parameters }) => (parameters === undefined ? [] : [[`\`${key}\``, parameters]])),
];

/** The whole page. */
export function referencePage() {
  const kinds = chapters.map(([title, folder, entries]) => {
    const comments = commentsIn(join(SOURCE, folder));
    return `## ${title}\n\n${entries.map((entry) => kindSection(entry, comments)).join('\n')}`;
  });
  const tables = shared.map(([title, table]) => `### ${title}\n\n${parameterTable(table)}`);
  return [HEAD, ...kinds, `## Mechanisms of learning\n\n${tables.join('\n')}`].join('\n');
}

/** Doc comments of what a folder exports, and those below it, each with the code behind it. */
function commentsIn(folder) {
  const names = readdirSync(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return files.flatMap((name) => {
    const pieces = readFileSync(join(folder, name), 'utf8')
      .split(/^\/\*\*/m)
      .slice(1);
    return pieces.flatMap((piece) => {
      const [comment, code] = piece.split(/\*\/\n(.*)/s);
      return code?.startsWith('export const') ? [{ comment: plain(comment), code }] : [];
    });
  });
}

const plain = (comment) =>
  comment
    .replace(/^\s*\* ?/gm, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();

function kindSection({ name, parameters, emits, signal, ports }, comments) {
  // The first name in the code of a kind is its own; those behind it may be of its examples.
  const own = new RegExp(`^export const \\w+(: \\w+Kind)? = [^']*'${name}'`);
  const comment = comments.find(({ code }) => own.test(code))?.comment;
  const facts = [
    typeof emits === 'string' ? `emits ${emits}` : undefined,
    ports && `ports ${ports.map((port) => `\`${port}\``).join(', ')}`,
    signal && `taught by \`${signal}\``,
  ].filter(Boolean);
  const line = facts.length === 0 ? '' : `_${facts.join('; ')}_\n\n`;
  return `### \`${name}\`\n\n${comment ? `${comment}\n\n` : ''}${line}${parameterTable(parameters)}`;
}

function parameterTable(table) {
  const rows = Object.entries(table).map(([key, declaration]) => [
    `\`${key}\``,
    formOf(declaration),
    declaration.default ?? (declaration.optional ? '–' : 'required'),
    declaration.unit ?? '',
    declaration.doc,
  ]);
  if (rows.length === 0) return 'No parameters.\n';
  const lines = [['parameter', 'form', 'default', 'unit', 'meaning'], Array(5).fill('---'), ...rows];
  return `${lines.map((cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`).join('\n')}\n`;
}

const FORMS = { elements: 'number, one or one per neuron', integers: 'whole numbers', json: 'see meaning' };

function formOf({ form, words, above, below, minimum, maximum }) {
  if (form === 'word') return words.map((word) => `\`${word}\``).join(' or ');
  const range = [
    above === undefined ? '' : `> ${above}`,
    below === undefined ? '' : `< ${below}`,
    minimum === undefined ? '' : `≥ ${minimum}`,
    maximum === undefined ? '' : `≤ ${maximum}`,
  ].filter(Boolean);
  return [FORMS[form] ?? form, ...range].join(', ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(REFERENCE, referencePage());
  writeFileSync(FORMATS, formatsPage());
}
