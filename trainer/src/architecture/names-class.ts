import { type CodingDeclaration, decoderKindOf } from '@spikewire/models';

/** Whether the answer of an Output is a class; without a decoder it is. */
export function namesClass(decoder: CodingDeclaration | undefined): boolean {
  return decoder === undefined || decoderKindOf(decoder.type, 'decoder').classifies;
}
