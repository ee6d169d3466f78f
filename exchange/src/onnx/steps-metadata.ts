/** Key of the metadata in which a file with the steps of a spiking net describes itself. */
export const STEPS_METADATA = 'spikewire';
