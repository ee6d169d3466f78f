import type { BoardProfile } from 'spikewire/accelerators';
import type { OptionDeclaration } from 'spikewire/cli';

/** Of commands that make a model. */
export const forOption: OptionDeclaration = {
  type: 'string',
  value: '<driver:board>',
  doc:
    'make the model for this board, such as fpga:up5k: with integer weights, tested in the arithmetic of the board; ' +
    'a model that does not fit is refused',
};

export async function profileFor(command: string, address: string): Promise<BoardProfile> {
  const { boardProfile } = await import('spikewire/accelerators');
  return boardProfile(`spikewire ${command} --for`, address);
}

/** What was made, for a person. */
export function boardLine({ address, name }: BoardProfile): string {
  return `it fits ${address} (${name}); tested in the arithmetic of the board`;
}
