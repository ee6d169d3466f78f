// Usage: failed-files.mjs REPORT MOST. Prints the files of a report with failed tests, a line each; none where they are
// more than MOST, which is no accident of the machine.
import { failuresOf, readReport } from './report.mjs';

const [report, most] = process.argv.slice(2);
const failed = readReport(report).filter((result) => failuresOf(result).length > 0);
if (failed.length <= Number(most)) for (const { name } of failed) console.log(name);
