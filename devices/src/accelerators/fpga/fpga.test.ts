import { expect, it } from 'vitest';
import { rooms } from './core-description.ts';
import { abilitiesOf, roomOf } from './fpga.ts';

it.each([
  ['usb-1BitSquared_iCEBreaker_V1.0e_ib1-if01-port0', rooms.up5k, 131_072, []],
  ['usb-FTDI_UPduino_v3.1-if00-port0', rooms.up5k, 131_072, []],
  ['usb-FTDI_ULX3S_FPGA_25K_v3.0.3_K00219-if00-port0', rooms.ecp5, 65_536, ['stdp', 'pes']],
  ['usb-GsD_OrangeCrab_r0.2_DFU-if00', rooms.ecp5, 65_536, ['stdp', 'pes']],
  ['sim', rooms.simulated, 131_072, ['stdp', 'pes']],
])('a board has the room of its family by its name: %s', (name, room, synapses, rules) => {
  expect(roomOf(name)).toBe(room);
  expect(abilitiesOf(room)).toMatchObject({ synapses, rules });
});
