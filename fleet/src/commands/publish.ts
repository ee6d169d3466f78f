import { createRequire } from 'node:module';
import { parse } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { CARRYING, type Carrying, customOf, isSafeName, LONGEST_NAME, possibleCarryings } from 'spikewire/agent';
import { type CommandArguments, type CommandConsole, openModel } from 'spikewire/cli';
import { readNetModel } from 'spikewire/session';
import { describe, type Publication } from '../described-model.ts';
import { targetEntry } from '../documents.ts';
import { publish, withdraw } from '../repository.ts';
import type { Action } from './action.ts';
import { changing, SIGNING, tell } from './change.ts';

const REPOSITORY = 'the folder of the repository';

export const publishAction: Action = {
  name: 'publish',
  doc: 'sign a model file and publish it; it replaces its earlier version',
  subject: { name: 'file', doc: 'model file' },
  options: ['to', ...SIGNING, 'channel', 'for', 'name', 'learned', 'base'],
  docs: { for: 'group of devices that gets the file; may be repeated (default: all devices)' },

  async run(file, args, console) {
    const site = args.needed('to', REPOSITORY);
    const publication = publicationOf(file, args);
    const name = nameOf(publication);
    const { model, bytes } = await openModel(file, console);
    const known = await withBases(publication, bytes, console);
    const offer = await describe(model, bytes.length, version(), known);
    const entry = targetEntry(bytes, customOf(offer));
    const outcome = await changing(site, args, (change) => publish(change, name, bytes, entry));
    tell(console, name, [outcome], { name, offer });
  },
};

export const withdrawAction: Action = {
  name: 'withdraw',
  doc: 'remove a published file; devices keep what they run',
  subject: { name: 'name', doc: 'published name of the file, such as stable/pump.spike' },
  options: ['to', ...SIGNING],

  async run(name, args, console) {
    const site = args.needed('to', REPOSITORY);
    const outcome = await changing(site, args, (change) => withdraw(change, name));
    tell(console, name, [outcome], { name }, ['removed', 'devices that run it keep it']);
  },
};

function publicationOf(file: string, args: CommandArguments): Publication {
  const words = args.text('learned')?.split(',') ?? CARRYING;
  const unknown = words.find((word) => !CARRYING.some((each) => each === word));
  if (unknown !== undefined) {
    const where = `spikewire fleet publish --learned ${unknown}`;
    throw new SpikewireError('usage', where, 'is an unknown word', CARRYING.join(', '));
  }
  const wrong = args.texts('base').find((word) => !/^[0-9a-f]{64}$|\.spike$/.test(word));
  if (wrong !== undefined) {
    const expected = 'the digest that "spikewire inspect" prints, 64 hex digits, or a .spike file';
    throw new SpikewireError('usage', `spikewire fleet publish --base ${wrong}`, 'is not a digest', expected);
  }
  return {
    model: args.text('name') ?? parse(file).name,
    channel: args.text('channel') ?? 'stable',
    groups: [...new Set(args.texts('for'))].sort(),
    carrying: words as readonly Carrying[],
    bases: args.texts('base'),
  };
}

/**
 * Bases that were given as files by their digests. Where all were, what was learned may only go on as is possible from
 * one of them at least.
 */
async function withBases(
  publication: Publication,
  bytes: Uint8Array,
  console: Pick<CommandConsole, 'warn'>,
): Promise<Publication> {
  const isFile = (word: string) => word.endsWith('.spike');
  const files = [];
  for (const word of publication.bases.filter(isFile)) files.push(readNetModel((await openModel(word, console)).bytes));
  const bases = [...publication.bases.filter((word) => !isFile(word)), ...files.map(({ digest }) => digest)];
  if (files.length === 0 || files.length < bases.length) return { ...publication, bases };
  const next = readNetModel(bytes);
  const possible = new Set(files.flatMap((former) => possibleCarryings(former, next)));
  return { ...publication, bases, carrying: publication.carrying.filter((each) => possible.has(each)) };
}

/** Each channel and set of groups has one version of a model at a time: the name tells all three apart. */
function nameOf({ model, channel, groups }: Publication): string {
  const name = [channel, ...groups, `${model}.spike`].join('/');
  const parts = [model, channel, ...groups];
  const wrong = parts.find((part) => !isSafeName(part) || part.includes('/'));
  if (wrong === undefined && isSafeName(name)) return name;
  const expected = `letters, digits, "-", "_" and ".", at most ${LONGEST_NAME} in all`;
  throw new SpikewireError('usage', 'spikewire fleet publish', `the name "${wrong ?? name}" is invalid`, expected);
}

function version(): string {
  return createRequire(import.meta.url)('@spikewire/fleet/package.json').version;
}
