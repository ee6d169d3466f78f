import { numberText } from 'spikewire/page';
import type { OfferPage, OfferSummary, RolloutRequest } from '../../../wire/wire.ts';
import type { ChangeKind } from '../../changes.ts';
import { type Content, make } from '../../markup.ts';
import { card, facts } from '../../parts/facts.ts';
import { choice, form, submit, textField } from '../../parts/fields.ts';
import { linkTo } from '../../place.ts';
import { cohortText, readLabels } from '../../text/labels-text.ts';
import { CARRYING_WORDS, shortHash } from '../../text/machine-text.ts';
import type { Session, View } from '../../view.ts';
import type { Written } from '../../written.ts';
import { type PlanField, planFields, readPlan } from './plan-form.ts';

/** Begins a rollout of a base that the repository offers. */
export class BeginView implements View {
  readonly title = 'Begin a rollout';
  /** What somebody writes is not to change below their hands. */
  readonly about: readonly ChangeKind[] = [];
  readonly #session: Session;
  #offers: OfferPage | undefined;
  #chosen: string | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  async read(): Promise<void> {
    this.#offers = await this.#session.api.get<OfferPage>('offers', { limit: 100 });
  }

  draw(): Content {
    const { items, problem } = this.#offers!;
    const offer = items.find(({ sha256 }) => sha256 === this.#chosen) ?? items[0];
    const none = 'The repository of models offers no base. “spikewire fleet publish” puts one into it.';
    return card(
      this.title,
      'a base that the repository of models offers',
      problem !== null && make('p', { class: 'problem' }, `The repository cannot be read: ${problem}`),
      offer === undefined ? make('p', { class: 'detail' }, none) : this.#drawForm(items, offer),
    );
  }

  #drawForm(offers: readonly OfferSummary[], offer: OfferSummary): Content {
    const { model, channel, groups, form: numbers, machines, installed, sha256, carrying } = offer;
    const { plan } = this.#offers!;
    const { course, gates } = planFields(plan);
    const bases = offers.map((each) => [each.sha256, `${each.name} (${shortHash(each.sha256)})`] as const);
    const ways = carrying.map((way) => [way, CARRYING_WORDS[way]] as const);
    return form(
      'begin',
      (written) => void this.#begin(offer, written),
      choice('sha256', 'Base', sha256, bases, () => this.#choose()),
      facts([
        ['Model', model, `channel ${channel}`],
        [
          'Machines',
          numberText(machines),
          `with this model and channel; on ${numberText(installed)} of them this base answers already`,
        ],
        ['Groups', groups.join(', ') || 'all', 'that the repository offers it to'],
        ['Numbers', numbers, 'in which the base computes'],
      ]),
      textField({ name: 'name', label: 'Name of the rollout', value: offer.name, required: true, longest: 64 }),
      textField({
        name: 'labels',
        label: 'Only devices with labels',
        value: '',
        placeholder: 'room=hall',
        about: 'all of them, separated by commas; empty: all devices',
      }),
      choice('carrying', 'What was learned', plan.carrying, ways),
      course.map(planField),
      make(
        'label',
        { class: 'check' },
        make('input', { type: 'checkbox', name: 'approval', value: 'yes', checked: plan.approval !== false }),
        'A person approves the first wave',
      ),
      make(
        'details',
        {},
        make('summary', {}, 'Gates: when labels stop the rollout, and let it continue'),
        make('div', { class: 'fields' }, gates.map(planField)),
      ),
      submit('Begin …'),
    );
  }

  #choose(): void {
    this.#chosen = document.querySelector<HTMLSelectElement>('select[name="sha256"]')?.value;
    this.#session.redraw();
  }

  async #begin(offer: OfferSummary, written: Written): Promise<void> {
    let id: string | undefined;
    const request = requestOf(offer, written);
    const isBegun = await this.#session.act({
      ...('error' in request ? {} : { question: questionOf(offer, request), confirm: 'Begin' }),
      done: 'The rollout has begun.',
      work: async () => {
        if ('error' in request) throw request.error;
        ({ id } = await this.#session.api.send<{ id: string }>('POST', 'rollouts', request));
      },
    });
    if (isBegun && id !== undefined) location.hash = linkTo('rollouts', id);
  }
}

function requestOf(offer: OfferSummary, written: Written): RolloutRequest | { error: unknown } {
  const { sha256, model, channel } = offer;
  try {
    const [labels, plan] = [readLabels(written('labels')), readPlan(written)];
    return { name: written('name').trim(), model, channel, sha256, labels, plan };
  } catch (error) {
    return { error };
  }
}

function questionOf({ machines, name: base }: OfferSummary, { labels, model, channel, plan }: RolloutRequest): string {
  const few = plan.shadow >= machines ? 'all of them' : `${numberText(plan.shadow)} of them`;
  const whom =
    Object.keys(labels).length === 0 ? `${numberText(machines)} machines` : `machines on ${cohortText(labels)}`;
  return (
    `Begin the rollout of “${base}” on ${whom} with model ${model}, channel ${channel}? It is tried on ${few} ` +
    `first; nothing changes in what they answer until the labels show that it is not worse.`
  );
}

function planField(field: PlanField): Content {
  return textField({ ...field, required: true });
}
