// Node with one loop that is worth compiling, which brings the pages of V8's optimising compiler into memory.
let sum = 0;
for (let k = 0; k < 1e7; k++) sum = (sum + k) % 7;
setInterval(() => {}, 2 ** 30);
process.stdout.write(`0 ${sum}\n`);
