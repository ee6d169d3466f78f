import type { Model } from '@spikewire/models';
import { type Abilities, type BoardProfile, refuseMisfits } from 'spikewire/accelerators';
import { type CoreRoom, rooms } from './core-description.ts';
import { coreImage } from './core-image.ts';
import { coreLimits } from './limits.ts';

const NAMES = {
  up5k: 'Lattice iCE40UP5K',
  ecp5: 'Lattice ECP5 with 25k LUTs',
} as const satisfies Partial<Record<keyof typeof rooms, string>>;

/** The families of FPGAs for which models can be made, by the room that their bit streams have. */
export function profilesOf(abilitiesOf: (room: CoreRoom) => Abilities): readonly BoardProfile[] {
  return (Object.keys(NAMES) as (keyof typeof NAMES)[]).map((family) => {
    const [name, room] = [`fpga:${family}`, rooms[family]];
    // Records with narrow membranes are shorter: less to compute with, and to send for a fresh state.
    const abilities = { ...abilitiesOf(room), membraneBits: [16, 32] as const };
    return {
      address: name,
      name: NAMES[family],
      abilities,
      async expectFit(model: Model) {
        // First what says by how much; the compiler also takes kinds that the driver leaves to this machine.
        coreImage(model, { room });
        await refuseMisfits({ name, abilities }, model);
      },
      limits: async (model: Model) => coreLimits(model, room, abilities),
    };
  });
}
