// Node and nothing else: what the others are compared with.
setInterval(() => {}, 2 ** 30);
process.stdout.write('0 0\n');
