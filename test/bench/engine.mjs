import { readdirSync } from 'node:fs';

export const title = 'The engines at work: one table for each of engine-*.mjs';

/** Runs every module of this folder that is named so, one after the other. */
export async function run(options) {
  const works = [];
  for (const name of namesOfWorks()) {
    const { title, run } = await load(name);
    works.push({ name, title, ...(await run(options)) });
  }
  return { works };
}

export async function table({ works }) {
  const tables = [];
  for (const { name, title, ...result } of works) {
    const { table } = await load(name);
    tables.push(`${title}\n${table(result)}`);
  }
  return tables.join('\n');
}

function namesOfWorks() {
  return readdirSync(new URL('.', import.meta.url))
    .filter((file) => /^engine-.*[.]mjs$/.test(file))
    .sort();
}

function load(name) {
  return import(new URL(name, import.meta.url).href);
}
