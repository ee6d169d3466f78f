// The build puts uPlot's module beside the page under this name, because a browser resolves no package names.
export { default } from 'uplot';
