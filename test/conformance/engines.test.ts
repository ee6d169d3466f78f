import { engineNamed, referenceEngine } from 'spikewire';
import { quantised } from './quantised.ts';
import { describeEngine } from './suite.ts';

const float64 = { membrane: 1e-12, readOut: 1e-12 };
const int8 = { membrane: 5e-3, readOut: 1e-2 };

describeEngine('reference', referenceEngine.load, float64);
describeEngine('integer', quantised(engineNamed('integer')), int8);
