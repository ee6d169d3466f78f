import type { Action } from './action.ts';
import { ControllerClient, TALKING } from './controller/client.ts';
import { labelsIn, labelsText } from './controller/labels.ts';
import { timeText } from './controller/times.ts';

const DEFAULT_HOURS = 24;

export const tokenAction: Action = {
  name: 'token',
  doc: 'make a token by which devices join a controller',
  options: [...TALKING, 'label', 'hours', 'uses'],
  docs: { label: 'label of the devices that join with the token; may be repeated' },

  async run(_, args, console) {
    const client = await ControllerClient.of(args);
    const labels = labelsIn(args.texts('label'), '--label');
    const uses = args.number('uses', { minimum: 1, whole: true }) ?? 1;
    const hours = args.number('hours', { minimum: 0 }) ?? DEFAULT_HOURS;
    const made = await client.send<{ token: string; expires: number }>('POST', '/v1/tokens', { labels, hours, uses });
    console.result({ ...made, labels, uses }, () => [
      made.token,
      `for ${uses} device${uses === 1 ? '' : 's'}, until ${timeText(made.expires)}; ` +
        `${labelsText(labels) || 'no labels'}; nobody can read it again`,
    ]);
  },
};
