import { createRequire } from 'node:module';
import { parse } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { CARRYING, type Carrying, customOf, isSafeName } from 'spikewire/agent';
import { type CommandArguments, openModel } from 'spikewire/cli';
import { describe, type Publication } from '../described-model.ts';
import { targetEntry } from '../documents.ts';
import { publish, withdraw } from '../repository.ts';
import type { Action } from './action.ts';
import { changeOf, SIGNING, tell } from './change.ts';

const REPOSITORY = 'the folder of the repository';

export const publishAction: Action = {
  name: 'publish',
  doc: 'sign a model file and add it, in place of its earlier version',
  options: ['to', ...SIGNING, 'channel', 'for', 'name', 'carrying', 'base'],

  async run(file, args, console) {
    const change = await changeOf(args.needed('to', REPOSITORY), args);
    const { model, bytes } = await openModel(file, console);
    const publication = publicationOf(file, args);
    const name = nameOf(publication);
    const offer = await describe(model, bytes.length, version(), publication);
    const outcome = await publish(change, name, bytes, targetEntry(bytes, customOf(offer)));
    tell(console, name, [outcome], { name, offer });
  },
};

export const withdrawAction: Action = {
  name: 'withdraw',
  doc: 'remove a published model; devices keep what they run',
  options: ['to', ...SIGNING],

  async run(name, args, console) {
    const change = await changeOf(args.needed('to', REPOSITORY), args);
    tell(console, name, [await withdraw(change, name)], { name });
  },
};

function publicationOf(file: string, args: CommandArguments): Publication {
  const words = args.text('carrying')?.split(',') ?? CARRYING;
  const unknown = words.find((word) => !CARRYING.some((each) => each === word));
  if (unknown !== undefined) {
    const where = `spikewire fleet publish --carrying ${unknown}`;
    throw new SpikewireError('usage', where, 'is not a way to carry on', CARRYING.join(', '));
  }
  const wrong = args.texts('base').find((digest) => !/^[0-9a-f]{64}$/.test(digest));
  if (wrong !== undefined) {
    const expected = 'the digest that "spikewire inspect" prints, 64 hex digits';
    throw new SpikewireError('usage', `spikewire fleet publish --base ${wrong}`, 'is not a digest', expected);
  }
  return {
    model: args.text('name') ?? parse(file).name,
    channel: args.text('channel') ?? 'stable',
    groups: args.texts('for'),
    carrying: words as readonly Carrying[],
    bases: args.texts('base'),
  };
}

/** Each channel and set of groups has one version of a model at a time. */
function nameOf({ model, channel, groups }: Publication): string {
  const name = [channel, ...(groups.length > 0 ? [[...groups].sort().join('+')] : []), `${model}.spike`].join('/');
  const parts = [model, channel, ...groups];
  const wrong = parts.find((part) => !isSafeName(part) || part.includes('/'));
  if (wrong === undefined && isSafeName(name.replaceAll('+', '-'))) return name.replaceAll('+', '-');
  const expected = 'letters, digits, "-", "_" and "."';
  throw new SpikewireError('usage', 'spikewire fleet publish', `the name "${wrong ?? name}" is invalid`, expected);
}

function version(): string {
  return createRequire(import.meta.url)('@spikewire/fleet/package.json').version;
}
