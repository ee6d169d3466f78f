import { readFileSync } from 'node:fs';

/** One of vitest's JSON reports: the results of its files, and errors that were in none of them, a line each. */
export function readReport(path) {
  const { testResults: files, errors = [] } = JSON.parse(readFileSync(path, 'utf8'));
  const result = ({ file }) => files.find(({ name }) => name === file);
  for (const error of errors) Object.assign(result(error) ?? {}, { status: 'failed', message: error.message });
  const outside = errors.filter((error) => result(error) === undefined);
  return { files, errors: outside.map(({ message }) => firstLine(message)) };
}

/** A line for each test of a file that failed, or for the file where it could not be run at all. */
export function failuresOf({ status, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && failed.length === 0) return [firstLine(message)];
  return failed.map((test) => `${test.fullName} – ${firstLine(test.failureMessages?.join(' '))}`);
}

function firstLine(text = '') {
  return text.split('\n', 1)[0].slice(0, 300);
}
