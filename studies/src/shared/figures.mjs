// Figures as tables of results have them.

/** In per cent. */
export const percent = (share, digits = 2) => (100 * share).toFixed(digits);
export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
export const mean = (numbers) => sum(numbers) / numbers.length;
