import type { ParameterTable, PlainParameters } from '../../parameters/declaration.ts';

/** What a rolling bearing is, as its data sheet says; lengths in any one unit. */
export const bearingParameters = {
  balls: { doc: 'rolling elements', form: 'integer', minimum: 3, maximum: 200 },
  ballDiameter: { doc: 'diameter of a rolling element, in the unit of the pitch diameter', form: 'number', above: 0 },
  pitchDiameter: { doc: 'diameter of the circle of their centres', form: 'number', above: 0 },
  contactAngle: { doc: 'contact angle', unit: '°', form: 'number', default: 0, minimum: 0, below: 90 },
} as const satisfies ParameterTable;

export type Bearing = PlainParameters<typeof bearingParameters>;

/** What a damaged place is rolled over by, in Hz. */
export interface BearingFrequencies {
  /** Ball pass frequency of the outer race. */
  readonly bpfo: number;
  /** Ball pass frequency of the inner race. */
  readonly bpfi: number;
  /** Ball spin frequency: a place on a ball meets one of the races twice as often. */
  readonly bsf: number;
  /** Fundamental train frequency: that of the cage. */
  readonly ftf: number;
}

/**
 * The frequencies of a bearing whose outer race stands still and whose elements do not slip. With q = (d/D)·cos φ:
 * BPFO = n/2·f·(1 − q), BPFI = n/2·f·(1 + q), BSF = D/(2d)·f·(1 − q²), FTF = f/2·(1 − q) (Randall and Antoni 2011,
 * eqs. 1–4). In real machines they lie 1–2 % off, because elements slip.
 *
 * @param shaft turns per second
 */
export function bearingFrequencies(bearing: Bearing, shaft: number): BearingFrequencies {
  const { balls, ballDiameter, pitchDiameter, contactAngle } = bearing;
  const q = (ballDiameter / pitchDiameter) * Math.cos((contactAngle * Math.PI) / 180);
  return {
    bpfo: (balls / 2) * shaft * (1 - q),
    bpfi: (balls / 2) * shaft * (1 + q),
    bsf: (pitchDiameter / (2 * ballDiameter)) * shaft * (1 - q * q),
    ftf: (shaft / 2) * (1 - q),
  };
}
