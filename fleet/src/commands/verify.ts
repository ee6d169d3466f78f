import { ROLES, sourceOfRepository } from 'spikewire/agent';
import { formatTable } from 'spikewire/cli';
import { firstRoot, type Verified, verifyRepository } from '../verify.ts';
import type { Action } from './action.ts';
import { rootIn } from './root-file.ts';

export const verifyAction: Action = {
  name: 'verify',
  doc: 'check a repository (a folder or URL) as a device does, and list its models',
  subject: { name: 'repository', doc: 'folder or URL of the repository' },
  options: ['root'],

  async run(address, args, console) {
    const source = sourceOfRepository(address);
    const file = args.text('root');
    const root = file === undefined ? await firstRoot(source) : await rootIn(file);
    const verified = await verifyRepository(source, root, Date.now());
    const until = (time: number) => new Date(time).toISOString();
    const roles = ROLES.map((role) => ({
      role,
      ...verified.roles[role],
      expires: until(verified.roles[role].expires),
    }));
    const models = verified.offers.map(({ target: { name, length, sha256 }, ...offer }) => {
      return { name, length, sha256, ...offer };
    });
    console.result({ address: source.where, roles, models, others: verified.others }, () => [
      `${source.where}: all signatures, versions, times and hashes are right`,
      ...formatTable(
        ['role', 'version', 'valid until'],
        roles.map((row) => [row.role, `${row.version}`, row.expires]),
      ),
      ...modelLines(verified),
    ]);
  },
};

function modelLines({ offers, others }: Verified): readonly string[] {
  const rows = offers.map(({ target, model, channel, groups, form, memory, carrying }) => [
    ...[model, channel, groups.join(', ') || 'all devices', form, `${target.length}`, `${memory}`, carrying.join(', ')],
  ]);
  const header = ['model', 'channel', 'for', 'numbers', 'bytes', 'memory (bytes)', 'learned data'];
  const list = rows.length === 0 ? ['no models'] : formatTable(header, rows);
  return others.length === 0 ? list : [...list, `other files: ${others.join(', ')}`];
}
