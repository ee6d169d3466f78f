#!/usr/bin/env node
// npm links a command when it installs, which in a fresh clone is before the build has made the program.
import { main } from 'spikewire/cli';

process.exitCode = await main(process.argv.slice(2));
