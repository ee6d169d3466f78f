// Figures as tables of results have them.

/** In per cent. */
export const percent = (share) => (100 * share).toFixed(2);
export const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
