import { numberText } from 'spikewire/page';
import type { RolloutDetails } from '../../../wire/wire.ts';
import { type Content, make } from '../../markup.ts';
import { button } from '../../parts/fields.ts';
import { isOpen } from '../../text/rollout-text.ts';
import { may, type Session } from '../../view.ts';

/** What a person can decide about a rollout, and what happens then. */
interface Decision {
  /** As in the API. */
  readonly action: 'approve' | 'resume' | 'pause' | 'abort';
  readonly word: string;
  readonly happens: string;
  readonly done: string;
}

/** Buttons for what this person can decide now. */
export function actionsOf(rollout: RolloutDetails, session: Session, path: string): Content {
  if (!may(session, 'release') || !isOpen(rollout.phase)) return null;
  const buttons = decisionsOf(rollout).map(({ action, word, happens, done }) => {
    const danger = action === 'abort';
    const [question, work] = [
      `${word} “${rollout.name}”? ${happens}`,
      () => session.api.send('POST', `${path}/${action}`),
    ];
    return button(`${word} …`, () => void session.act({ question, confirm: word, danger, done, work }), danger);
  });
  return make('div', { class: 'actions' }, buttons);
}

function decisionsOf(rollout: RolloutDetails): Decision[] {
  const approve: Decision = {
    ...{ action: 'approve', word: 'Approve', happens: approvalText(rollout), done: 'It is approved.' },
  };
  const resume: Decision = {
    ...{ action: 'resume', word: 'Resume', happens: 'Machines get orders of this rollout again.' },
    done: 'The rollout continues.',
  };
  const pause: Decision = {
    ...{ action: 'pause', word: 'Pause', happens: 'No machine gets a new order; each keeps what it runs.' },
    done: 'The rollout is paused.',
  };
  const abort: Decision = {
    ...{ action: 'abort', word: 'Abort', happens: abortText(rollout), done: 'The rollout is stopped.' },
  };
  return [...(rollout.phase === 'held' ? [approve] : []), rollout.paused ? resume : pause, abort];
}

function approvalText({ waves, plan, marks, machines, approvals }: RolloutDetails): string {
  const share = plan.waves[waves];
  if (share === undefined)
    return 'The rollout ends; the new base stays on its machines, and the former one is no longer run beside it.';
  const more = waves === 0 && typeof plan.approval === 'object' ? plan.approval.people - approvals.length - 1 : 0;
  if (more > 0)
    return `The first wave begins when ${more === 1 ? '1 more person has' : `${more} more people have`} approved it.`;
  const reached = `${numberText(marks[waves]!.machines)} of ${numberText(machines)} machines`;
  return `Wave ${waves + 1} of ${plan.waves.length} begins: the new base comes to ${reached}.`;
}

function abortText({ installed }: RolloutDetails): string {
  const machines = installed === 1 ? '1 machine returns' : `${numberText(installed)} machines return`;
  const back =
    installed === 0 ? 'The new base answers on no machine' : `${machines} from the new base to the former one`;
  return `${back}, and all trials end. An aborted rollout cannot be resumed.`;
}
