/** What other pages of spikewire share with the dashboard; each build of such a page takes it in. */
export { element } from './element.ts';
export { agoText, bytesText, numberText, percentText, restText } from './text/number-text.ts';
