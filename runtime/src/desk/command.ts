import type { NamedReading } from '@spikewire/models';
import type { KeptSession } from '../session/kept/kept-session.ts';

interface DeskCommand {
  /** What the one who asked is answered, in one line. */
  carryOut(kept: KeptSession, about: NamedReading): string | Promise<string>;
}

/** What a person may ask of a net in a word. */
const commands = {
  save: {
    async carryOut(kept) {
      const { sequence, readings } = await kept.save();
      return `saved as sequence ${sequence} after ${readings} readings`;
    },
  },
  reset: {
    async carryOut(kept) {
      await kept.reset();
      return 'forgot what it had learned; warming up again';
    },
  },
  freeze: {
    async carryOut(kept) {
      await kept.setLearning(false);
      return 'learning is off';
    },
  },
  learn: {
    async carryOut(kept) {
      await kept.setLearning(true);
      return 'learning is on';
    },
  },
  'take-back': {
    async carryOut(kept) {
      return (await kept.takeBack()) ? 'took the last lesson back' : 'there is no lesson to take back';
    },
  },
  settle: {
    async carryOut(kept) {
      return (await kept.settle())
        ? 'what it knows now is the base'
        : 'no base was made: the net has not been taught yet';
    },
  },
  base: {
    async carryOut(kept) {
      if (await kept.returnToBase()) return 'went back to the base';
      return 'there is no base yet, so nothing was changed: "settle" makes one, "reset" deletes what was learned';
    },
  },
  status: {
    async carryOut({ session }) {
      await session.done();
      return `${session.sequence} readings, learning ${session.learning ? 'on' : 'off'}`;
    },
  },
  /** "That was normal". */
  normal: {
    carryOut: callNormal,
  },
} satisfies Record<string, DeskCommand>;

export type CommandName = keyof typeof commands;

export const COMMANDS = Object.keys(commands) as readonly CommandName[];

/** Does what was asked for and answers in one line; `about`: which reading is meant, where the command may name one. */
export async function carryOut(command: CommandName, kept: KeptSession, about: NamedReading = {}): Promise<string> {
  return (commands[command] as DeskCommand).carryOut(kept, about);
}

/** Changed limits that an answer lists. */
const LISTED = 6;

function callNormal(kept: KeptSession, about: NamedReading): string {
  const { watches, lastFlagged } = kept.session.monitors;
  if (watches.length === 0) return 'this net has no monitor';
  const accepted = kept.acceptNormal(about);
  if (accepted === undefined) {
    if (lastFlagged === undefined) return 'nothing has been flagged yet';
    return `no flagged reading is stored for this time or number; the last flagged reading is ${lastFlagged}`;
  }
  const { first, last, changes } = accepted;
  const which = first === last ? `reading ${first}` : `readings ${first}–${last}`;
  if (changes.length === 0) return `${which}: no limit changed, because the same readings would not be flagged now`;
  const more = changes.length > LISTED ? [`${changes.length - LISTED} more limits changed`] : [];
  return `${which}: ${[...changes.slice(0, LISTED), ...more].join('; ')}`;
}
