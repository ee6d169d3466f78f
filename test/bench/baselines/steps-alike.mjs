/** For how many of the first `steps` steps two lists of spikes [step, neuron], both in order, are the same. */
export function stepsAlike(spikes, truth, steps) {
  const different = spikes.findIndex(([step, neuron], k) => step !== truth[k]?.[0] || neuron !== truth[k][1]);
  const first = different < 0 ? spikes.length : different;
  return Math.min(spikes[first]?.[0] ?? steps, truth[first]?.[0] ?? steps);
}
