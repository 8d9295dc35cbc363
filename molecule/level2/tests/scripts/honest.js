// What an honest command line does besides talking to Ably. The value of each is compared by the test.
const fs = require('fs');
const { execFileSync } = require('child_process');
const { Worker } = require('worker_threads');

const child = (source, env) => execFileSync(process.execPath, ['-p', source], { env }).toString().trim();

const attempts = {
  'worker threads': () =>
    new Promise((done, fail) => {
      const worker = new Worker('require("worker_threads").parentPort.postMessage(6 * 7)', { eval: true });
      worker.on('message', done);
      worker.on('error', fail);
    }),
  names: async () => (await require('dns').promises.lookup('rest.ably.io')).address,
  'a child': () => child('6 * 7', {}),
  // libuv asks for io_uring when it is told to; Node 20 did so by itself for a while.
  'a child that probes io_uring': () =>
    child('require("fs").readFileSync("/etc/passwd", "utf8").slice(0, 5)', { UV_USE_IO_URING: '1' }),
  "files of one's own": () => {
    const file = '/home/ably/.ably/x';
    fs.writeFileSync(file, 'kept');
    fs.renameSync(file, `${file}y`);
    const said = fs.readFileSync(`${file}y`, 'utf8');
    fs.unlinkSync(`${file}y`);
    return said;
  },
  'the machine': () => require('os').cpus().length > 0 && require('os').userInfo().username,
  addresses: () => Object.keys(require('os').networkInterfaces()).length > 0,
  signals: () =>
    new Promise((done) => {
      process.once('SIGUSR2', () => done('heard'));
      process.kill(process.pid, 'SIGUSR2');
    }),
};

// Waiting for a signal keeps no program alive.
const alive = setInterval(() => {}, 1000);
const found = {};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    found[name] = await attempt();
  } catch (error) {
    found[name] = `${error.code ?? ''} ${error.message}`;
  }
}
clearInterval(alive);
return found;
