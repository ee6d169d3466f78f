/** How ISO 10816-3 judges a machine by the velocity of its vibration. */
export type ZoneName = 'A' | 'B' | 'C' | 'D';

/** What the zones mean: fit for new machines, for long operation, for a while, for none. */
const MEANINGS = { A: 'good', B: 'acceptable', C: 'unsatisfactory', D: 'unacceptable' } as const;

export interface Zone {
  readonly zone: ZoneName;
  readonly meaning: (typeof MEANINGS)[ZoneName];
  /** Root mean square, mm/s. */
  readonly velocity: number;
  /** Where the zones A, B and C end, mm/s. */
  readonly limits: readonly [number, number, number];
}

/**
 * Where the zones A, B and C end, in mm/s rms from 10 to 1000 Hz (ISO 10816-3:1998, tables A.1 to A.4). Group 1: large
 * machines, 300 kW to 50 MW; 2: medium ones, 15 to 300 kW; 3: pumps with a driver of their own; 4: with a built-in one.
 * On a rigid support or a flexible one.
 */
export const ZONE_LIMITS = {
  'group1-rigid': [2.3, 4.5, 7.1],
  'group1-flexible': [3.5, 7.1, 11],
  'group2-rigid': [1.4, 2.8, 4.5],
  'group2-flexible': [2.3, 4.5, 7.1],
  'group3-rigid': [2.3, 4.5, 7.1],
  'group3-flexible': [3.5, 7.1, 11],
  'group4-rigid': [1.4, 2.8, 4.5],
  'group4-flexible': [2.3, 4.5, 7.1],
} as const satisfies Readonly<Record<string, readonly [number, number, number]>>;

export type Machine = keyof typeof ZONE_LIMITS;

/** The zone of a velocity in mm/s; a limit belongs to the better one. */
export function zoneOf(machine: Machine, velocity: number): Zone {
  const limits = ZONE_LIMITS[machine];
  const passed = limits.filter((limit) => velocity > limit).length;
  const zone = (['A', 'B', 'C', 'D'] as const)[passed]!;
  return { zone, meaning: MEANINGS[zone], velocity, limits };
}
