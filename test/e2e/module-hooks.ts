/**
 * Address of a module for `node --import` that hooks into how Node finds and loads modules. `hooks` is the source of a
 * module that exports `resolve` or `load` as plain functions, which return what `next` returns. They run in the thread
 * of the program where Node has `registerHooks`, else (Node 20) in a thread of their own by `register`, which is
 * deprecated from Node 26 on.
 */
export function importWithHooks(hooks: string, before = ''): string {
  const address = JSON.stringify(dataUrl(hooks));
  return dataUrl(`import * as loader from 'node:module';
${before}
if (loader.registerHooks) loader.registerHooks(await import(${address}));
else loader.register(${address});`);
}

/**
 * Address of a module for `node --import` that makes a package look as if it were not installed, to `import` and
 * `require.resolve`.
 */
export function importWithout(name: string): string {
  return importWithHooks(
    `export function resolve(specifier, context, next) {
  if (!specifier.startsWith('${name}')) return next(specifier, context);
  throw Object.assign(new Error("Cannot find package '${name}'"), { code: 'ERR_MODULE_NOT_FOUND' });
}`,
    `const { Module } = loader;
const find = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  if (request !== '${name}') return find.call(this, request, ...rest);
  throw Object.assign(new Error('no ${name}'), { code: 'MODULE_NOT_FOUND' });
};`,
  );
}

function dataUrl(source: string): string {
  return `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
}
