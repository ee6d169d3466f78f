import { numberText } from 'spikewire/page';
import type { JoinToken } from '../../wire/wire.ts';
import type { ChangeKind } from '../changes.ts';
import type { Content } from '../markup.ts';
import { card } from '../parts/facts.ts';
import { button, form, submit, textField } from '../parts/fields.ts';
import { PagedList } from '../parts/paged-list.ts';
import { secret } from '../parts/secret.ts';
import { table } from '../parts/table.ts';
import { joinCommand } from '../text/join-command.ts';
import { labelsText, readLabels } from '../text/labels-text.ts';
import { timeText } from '../text/time-text.ts';
import type { Session, View } from '../view.ts';
import type { Written } from '../written.ts';

/** Tokens by which new devices join. */
export class TokensView implements View {
  readonly title = 'Join tokens';
  readonly about: readonly ChangeKind[] = ['people', 'devices'];
  readonly #session: Session;
  readonly #tokens: PagedList<JoinToken>;
  #made: { readonly token: string; readonly expires: number } | undefined;

  constructor(session: Session) {
    this.#session = session;
    this.#tokens = new PagedList(session, 'tokens', 'Tokens');
  }

  read(): Promise<void> {
    return this.#tokens.read();
  }

  draw(): Content {
    const rows = this.#tokens.items.map((token) => ({ key: token.id, cells: this.#cellsOf(token) }));
    return [
      this.#made && this.#drawMade(this.#made),
      card(
        'Make a token',
        'by which devices join the fleet',
        form(
          'token',
          (written) => void this.#make(written),
          textField({ name: 'labels', label: 'Labels', placeholder: 'room=hall', about: 'that the devices get' }),
          textField({
            name: 'hours',
            label: 'Hours',
            value: '24',
            required: true,
            about: 'for which the token can be used',
          }),
          textField({ name: 'uses', label: 'Devices', value: '1', required: true, about: 'that can join by it' }),
          submit('Make'),
        ),
      ),
      card(
        'Join tokens',
        'that can still be used; the tokens themselves are not kept',
        table(
          'Join tokens',
          ['Token', 'Devices left', 'Labels', 'Expires', 'Made', 'Action'],
          rows,
          'There is no token.',
        ),
        this.#tokens.buttons(),
      ),
    ];
  }

  #drawMade({ token, expires }: { readonly token: string; readonly expires: number }): Content {
    const about =
      `Run this on the device before ${timeText(expires)}. The token in it is shown only now: the controller ` +
      `keeps no copy.`;
    const command = joinCommand(new URL('.', location.href), token);
    return secret('Command line for the device', command, about, () => {
      this.#made = undefined;
      this.#session.redraw();
    });
  }

  #cellsOf({ id, uses, labels, expires, made, madeBy }: JoinToken): Content[] {
    const short = id.slice(0, 8);
    const withdraw = button('Withdraw …', () => void this.#withdraw(id));
    withdraw.setAttribute('aria-label', `Withdraw token ${short} …`);
    return [
      short,
      numberText(uses),
      labelsText(labels, ''),
      timeText(expires),
      `${timeText(made)} by ${madeBy}`,
      withdraw,
    ];
  }

  #make(written: Written): Promise<boolean> {
    return this.#session.act({
      done: 'The token is made.',
      work: async () => {
        const [labels, hours, uses] = [
          readLabels(written('labels')),
          Number(written('hours')),
          Number(written('uses')),
        ];
        this.#made = await this.#session.api.send('POST', 'tokens', { labels, hours, uses });
      },
    });
  }

  #withdraw(id: string): Promise<boolean> {
    return this.#session.act({
      question: `Withdraw token ${id.slice(0, 8)}? No further device can join by it; devices that have joined remain.`,
      ...{ confirm: 'Withdraw', danger: true, done: 'The token is withdrawn.' },
      work: () => this.#session.api.send('DELETE', `tokens/${encodeURIComponent(id)}`),
    });
  }
}
