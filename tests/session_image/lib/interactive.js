'use strict';
// The prompt. Ctrl-C drops the line or interrupts the command, Ctrl-D leaves with 0, `exit N` with N.

const readline = require('readline');
const { commands, evaluate, outcome } = require('./commands.js');

const PROMPT = 'ably> ';

async function execute(line, signal) {
  const text = line.trim();
  const [name, ...words] = text.split(/\s+/);
  const rest = text.slice(name.length).trimStart();
  if (name === 'eval') return outcome(evaluate(rest), signal, name, Infinity);
  if (name === 'eval64') return outcome(evaluate(Buffer.from(rest, 'base64').toString('utf8')), signal, name, Infinity);
  if (name === 'echo') return rest;
  if (!Object.hasOwn(commands, name)) throw new Error(`unknown command ${name}; try ${Object.keys(commands).join(', ')}`);
  return commands[name](words, signal);
}

function interactive() {
  return new Promise((resolve) => {
    const input = readline.createInterface({ input: process.stdin, output: process.stdout, prompt: PROMPT });
    const waiting = [];
    let running = null;
    let status = 0;
    let ended = false;

    const finish = () => {
      if (ended && !running) resolve(status);
    };
    const next = async () => {
      if (running || !waiting.length) return finish();
      const line = waiting.shift();
      const leave = /^\s*(?:exit|quit)(?:\s+(\d{1,3}))?\s*$/.exec(line);
      if (leave) {
        status = Number(leave[1] || 0) & 255;
        waiting.length = 0;
        return ended ? finish() : input.close();
      }
      if (line.trim()) {
        running = new AbortController();
        try {
          const answer = await execute(line, running.signal);
          if (answer !== undefined) process.stdout.write(`${answer}\n`);
        } catch (error) {
          process.stdout.write(`error: ${error.code ? `${error.code} ` : ''}${error.message || error}\n`);
        }
        running = null;
      }
      if (!ended) input.prompt();
      return next();
    };

    input.on('line', (line) => {
      waiting.push(line);
      next();
    });
    input.on('SIGINT', () => {
      process.stdout.write('^C\n');
      waiting.length = 0;
      if (running) return running.abort();
      // Ctrl-U and Ctrl-K: what was typed is dropped, on both sides of the cursor.
      input.write(null, { ctrl: true, name: 'e' });
      input.write(null, { ctrl: true, name: 'u' });
      input.prompt();
    });
    input.on('close', () => {
      ended = true;
      if (process.stdin.isTTY && !status) process.stdout.write('\n');
      finish();
    });
    process.stdout.on('resize', () => {
      process.stdout.write(`\nrows ${process.stdout.rows} columns ${process.stdout.columns}\n`);
      input.prompt(true);
    });
    process.on('SIGTERM', () => process.exit(143));
    input.prompt();
  });
}

module.exports = { interactive };
