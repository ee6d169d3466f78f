/**
 * How NIRData lies in an HDF5 file (NIR 1.0.8, `nir.write_data`). The root is a group of type NIRGraphData. Such a
 * group has a group `nodes`, in which each node is again NIRGraphData or NIRNodeData; the latter has a group
 * `observables`, in which each group is one of the three kinds of data below. The attribute `__type__` says what a
 * group is.
 */
export const TYPE = '__type__';
export const GRAPH = 'NIRGraphData';
export const NODE = 'NIRNodeData';
/** `data` (samples, steps, neurons); attribute `dt` in seconds. */
export const GRIDDED = 'TimeGriddedData';
/** `idx` and `time` in seconds, both (samples, events), padded with −1 and ∞; attributes `n_neurons` and `t_max`. */
export const EVENTS = 'EventData';
/** The same with `value` (samples, events). */
export const VALUED = 'ValuedEventData';
/** The observable of what a node emits. */
export const SPIKES = 'spikes';
