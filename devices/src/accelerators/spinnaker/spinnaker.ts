import type { AcceleratorDriver } from 'spikewire/accelerators';
import { testSpinnakerBoard } from './board-test.ts';
import { profiles } from './profiles.ts';
import { openSpinnakerBoard } from './spinnaker-board.ts';

/**
 * SpiNNaker boards on which the tool chain has placed a net: spikes go in by live injection and come out through IP
 * tags, in real time (SpiNNMan a79d3a3, SpiNNFrontEndCommon a100eec, spinnaker_tools 813bfef).
 */
export const spinnakerDriver: AcceleratorDriver = {
  scheme: 'spinnaker',
  summary: 'SpiNNaker boards on which their own tools have placed a net: spinnaker:192.168.240.1?network=db.sqlite3',
  // A board is found by asking a network, which nobody has asked for.
  list: async () => [],
  open: openSpinnakerBoard,
  runsPlacedNets: true,
  profiles: async () => profiles,
  test: testSpinnakerBoard,
};
