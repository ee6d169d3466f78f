import type { KeptSession } from '../session/kept-session.ts';

interface DeskCommand {
  /** What the one who asked is answered, in one line. */
  carryOut(kept: KeptSession): string | Promise<string>;
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
      return (await kept.settle()) ? 'what it knows now is the base' : 'it was taught nothing that could be a base';
    },
  },
  base: {
    async carryOut(kept) {
      await kept.returnToBase();
      return 'went back to the base';
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
    carryOut: (kept) => (kept.acceptLast() ? 'the last reading now counts as normal' : 'this net has no monitor'),
  },
} satisfies Record<string, DeskCommand>;

export type CommandName = keyof typeof commands;

export const COMMANDS = Object.keys(commands) as readonly CommandName[];

/** Does what was asked for and answers in one line. */
export async function carryOut(command: CommandName, kept: KeptSession): Promise<string> {
  return commands[command].carryOut(kept);
}
