import { SpikewireError } from '@spikewire/models';
import { formatTable } from 'spikewire/cli';
import { MOST_PEOPLE } from '../controller/people/role.ts';
import type { Person } from '../controller/wire/wire.ts';
import type { Action } from './action.ts';
import { ControllerClient, TALKING } from './controller/client.ts';
import { timeText } from './controller/times.ts';

const ACTS = ['list', 'add', 'remove'] as const;

export const peopleAction: Action = {
  name: 'people',
  doc: 'list, add and remove the people who may use a controller',
  subject: { name: 'act', doc: 'list (default), add, remove', words: ACTS, optional: true },
  more: [{ name: 'name', doc: 'of the person, for add and remove', optional: true }],
  options: [...TALKING, 'role'],

  async run(word = 'list', args, console) {
    const client = await ControllerClient.of(args);
    const where = `spikewire fleet people ${word}`;
    const name = args.positionals[2];
    const people = async () => (await client.list<Person>('/v1/people', {}, MOST_PEOPLE)).items;
    if (word === 'list') {
      const all = await people();
      const rows = all.map(({ name: each, role, made, madeBy }) => [each, role, timeText(made), madeBy]);
      return console.result({ people: all }, () => formatTable(['name', 'role', 'added', 'by'], rows));
    }
    if (word !== 'add' && word !== 'remove') throw new SpikewireError('usage', where, 'is unknown', ACTS.join(', '));
    if (name === undefined) throw new SpikewireError('usage', where, 'names nobody', 'a name');
    if (word === 'add') {
      const role = args.needed('role', 'look, operate, release or administer');
      const added = await client.send<{ id: string; token: string }>('POST', '/v1/people', { name, role });
      return console.result({ name, role, ...added }, () => [
        added.token,
        `the token of ${name} (${role}); nobody can read it again`,
      ]);
    }
    const person = (await people()).find((each) => each.name === name);
    if (person === undefined) throw new SpikewireError('usage', where, `there is no "${name}"`, 'a name of the list');
    await client.send('DELETE', `/v1/people/${person.id}`);
    console.result({ name, done: 'remove' }, () => `${name}: has no access any more`);
  },
};
