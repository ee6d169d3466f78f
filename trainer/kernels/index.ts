// Products of matrices that are mostly zeros, as spikes are. A call does one part of a product; parts share nothing
// that is written, so that any thread may do any of them, and the sums are the same bits whoever does.

export { listColumns, listRows } from './lists';
export { addActiveGradients, addActiveRows } from './sums';
