#!/usr/bin/env node
'use strict';
// The command line in the lab's session image. Exit status: 0 done, 1 failed, 2 wrong usage.

const fs = require('fs');
const { commands, evaluate, UsageError } = require('./lib/commands.js');
const { interactive } = require('./lib/interactive.js');

const usage = `usage: lab-cli [interactive]
       lab-cli reach [HOST] | time | publish CHANNEL MESSAGE | roundtrip [CHANNEL]
       lab-cli whoami | size | echo TEXT
       lab-cli eval FILE|- | eval -e CODE
`;

async function evaluateSource([source, ...rest]) {
  if (source === undefined) throw new UsageError('eval needs FILE, - or -e CODE');
  if (source === '-e') return evaluate(rest.join(' '));
  return evaluate(fs.readFileSync(source === '-' ? 0 : source, 'utf8'));
}

async function main([name = 'interactive', ...args]) {
  if (name === 'interactive') return interactive();
  if (name === '--help' || name === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (name !== 'eval' && !Object.hasOwn(commands, name)) throw new UsageError(`unknown command ${name}`);
  const run = name === 'eval' ? evaluateSource : commands[name];
  const answer = await run(args, new AbortController().signal);
  if (answer !== undefined) process.stdout.write(`${answer}\n`);
  return 0;
}

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error) => {
    const wrong = error instanceof UsageError;
    process.stderr.write(`lab-cli: ${error.code ? `${error.code} ` : ''}${error.message || error}\n${wrong ? usage : ''}`);
    process.exit(wrong ? 2 : 1);
  },
);
