'use strict';
// What the command line can do. Each command takes (words, abort signal) and returns the text to print.
//
// Environment: ABLY_API_KEY ("name:secret"), ABLY_ENDPOINT (a host name, or a routing policy such as "main"),
// ABLY_TLS_PORT, ABLY_FALLBACK_HOSTS (comma separated), ABLY_BINARY=0 (JSON instead of MessagePack).

const os = require('os');
// What talks to the network is loaded by the commands that do: it takes longer than Node's own start.

const PATIENCE_MS = 30000;
const DEFAULT_KEY = 'lab.key:not-a-secret';

class UsageError extends Error {}

function clientOptions(env = process.env) {
  const options = {
    key: env.ABLY_API_KEY || DEFAULT_KEY,
    logLevel: Number(env.ABLY_LOG_LEVEL || 0),
    useBinaryProtocol: env.ABLY_BINARY !== '0',
  };
  if (env.ABLY_ENDPOINT) options.endpoint = env.ABLY_ENDPOINT;
  if (env.ABLY_TLS_PORT) options.tlsPort = Number(env.ABLY_TLS_PORT);
  if (env.ABLY_FALLBACK_HOSTS) options.fallbackHosts = env.ABLY_FALLBACK_HOSTS.split(',');
  return options;
}

// What becomes of `promise`, unless the signal or the patience (ms) ends the wait before it.
function outcome(promise, signal, what, patience = PATIENCE_MS) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`${what}: no answer within ${patience / 1000} s`));
    const timer = Number.isFinite(patience) ? setTimeout(late, patience) : undefined;
    const abort = () => reject(new Error('interrupted'));
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    });
  });
}

// Whether an allowed name answers over TLS, by Node's own client.
async function reach([host = 'rest.ably.io'], signal) {
  const { get } = require('https');
  const asked = new Promise((resolve, reject) => get({ host, path: '/time', signal }, resolve).on('error', reject));
  const answer = await outcome(asked, signal, 'reach');
  answer.resume();
  return `reached ${host}: ${answer.statusCode}`;
}

async function time(_words, signal) {
  const { Rest } = require('ably');
  const now = await outcome(new Rest(clientOptions()).time(), signal, 'time');
  return `time ${now} ${new Date(now).toISOString()}`;
}

async function publish([channel, ...words], signal) {
  if (!channel || !words.length) throw new UsageError('publish needs CHANNEL and MESSAGE');
  const { Rest } = require('ably');
  const rest = new Rest(clientOptions());
  await outcome(rest.channels.get(channel).publish('message', words.join(' ')), signal, 'publish');
  return `published to ${channel}`;
}

async function exchange(realtime, name) {
  await new Promise((resolve, reject) => {
    realtime.connection.once('connected', resolve);
    realtime.connection.once('failed', (change) => reject(change.reason));
    realtime.connection.once('disconnected', (change) => reject(change.reason));
    realtime.connect();
  });
  const channel = realtime.channels.get(name);
  const sent = `hello \u{1F30D} ${Date.now()}`;
  const received = new Promise((resolve) => {
    channel.subscribe((message) => message.data === sent && resolve(message));
  });
  await channel.attach();
  await channel.publish('roundtrip', sent);
  await received;
  await channel.detach();
}

async function roundtrip([name = 'lab-roundtrip'], signal) {
  const began = Date.now();
  const { Realtime } = require('ably');
  const realtime = new Realtime({ ...clientOptions(), autoConnect: false });
  try {
    await outcome(exchange(realtime, name), signal, 'roundtrip');
    const closed = new Promise((resolve) => realtime.connection.once('closed', resolve));
    realtime.close();
    await outcome(closed, signal, 'close');
  } finally {
    realtime.close();
  }
  return `roundtrip ok on ${name} in ${Date.now() - began} ms`;
}

async function whoami() {
  const { username, homedir } = os.userInfo();
  return `uid=${process.getuid()} gid=${process.getgid()} user=${username} home=${homedir} host=${os.hostname()}`;
}

async function size() {
  const { rows, columns } = process.stdout;
  return rows ? `rows ${rows} columns ${columns}` : 'no terminal';
}

async function echo(words) {
  return words.join(' ');
}

// Full code execution: the sandbox has to hold without the command line's good will.
async function evaluate(source) {
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const value = await new AsyncFunction('require', 'clientOptions', source)(require, clientOptions);
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

module.exports = { commands: { reach, time, publish, roundtrip, whoami, size, echo }, evaluate, outcome, UsageError };
