// What a command line written for Node does: TLS, names, threads, children, files, questions. Argument: a folder.
const childProcess = require('child_process');
const dgram = require('dgram');
const dns = require('dns');
const fs = require('fs');
const os = require('os');
const path = require('path');
const readline = require('readline');
const tls = require('tls');
const { Worker } = require('worker_threads');

const folder = process.argv[2];
const promise = (start) => new Promise((resolve, reject) => start(resolve, reject));

function files() {
  const file = path.join(folder, 'settings');
  fs.writeFileSync(file, 'a');
  fs.appendFileSync(file, 'b');
  fs.copyFileSync(file, `${file}.old`);
  fs.renameSync(file, `${file}.new`);
  fs.mkdirSync(path.join(folder, 'a', 'b'), { recursive: true });
  fs.cpSync(path.join(folder, 'a'), path.join(folder, 'c'), { recursive: true });
  if (!fs.existsSync(path.join(folder, 'c', 'b'))) throw new Error('cpSync has copied nothing');
  for (const name of ['a', 'c']) {
    fs.rmSync(path.join(folder, name), { recursive: true });
    if (fs.existsSync(path.join(folder, name))) throw new Error('rmSync has removed nothing');
  }
  fs.chmodSync(`${file}.new`, 0o600);
  fs.utimesSync(`${file}.new`, 1, 1);
  fs.realpathSync(folder);
  fs.readdirSync(folder, { withFileTypes: true });
  const opened = fs.openSync(file, 'w');
  fs.writeSync(opened, 'x', 1);
  fs.fsyncSync(opened);
  fs.ftruncateSync(opened, 1);
  fs.closeSync(opened);
  fs.unlinkSync(file);
}

function host() {
  os.cpus();
  os.networkInterfaces();
  os.freemem();
  os.uptime();
  os.hostname();
  process.memoryUsage();
  process.resourceUsage();
  process.title = 'needs';
}

const connection = () => promise((resolve, reject) => {
  const pair = { key: fs.readFileSync(`${folder}/key.pem`), cert: fs.readFileSync(`${folder}/cert.pem`) };
  const server = tls.createServer(pair, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1', () => {
    const client = tls.connect({ port: server.address().port, host: '127.0.0.1', ca: pair.cert, servername: 'localhost' });
    client.setNoDelay().setKeepAlive(true).on('error', reject).write('hello');
    client.on('data', () => { client.end(); server.close(resolve); });
  });
});

// A name server that knows one answer: 192.0.2.1.
const names = () => promise((resolve, reject) => {
  const server = dgram.createSocket('udp4');
  server.on('message', (question, from) => {
    const answer = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 192, 0, 2, 1]);
    const end = question.indexOf(0, 12) + 5;
    const head = Buffer.from(question.subarray(0, end));
    head.set([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0], 2);
    server.send(Buffer.concat([head, answer]), from.port, from.address);
  });
  server.bind(0, '127.0.0.1', () => {
    const resolver = new dns.Resolver({ timeout: 2000, tries: 1 });
    resolver.setServers([`127.0.0.1:${server.address().port}`]);
    resolver.resolve4('rest.example', (error, found) => {
      server.close();
      if (error || found[0] !== '192.0.2.1') reject(error || new Error(String(found)));
      else dns.lookup('localhost', (failure) => (failure ? reject(failure) : resolve()));
    });
  });
});

const thread = () => promise((resolve, reject) => {
  const worker = new Worker('require("worker_threads").parentPort.postMessage(6 * 7)', { eval: true });
  worker.on('error', reject).on('message', (value) => (value === 42 ? resolve() : reject(new Error(String(value)))));
});

const child = () => promise((resolve, reject) => {
  const said = childProcess.execFileSync(process.execPath, ['-e', 'console.log(6 * 7)']).toString();
  if (said !== '42\n') reject(new Error(said));
  fs.writeFileSync(`${folder}/child.js`, 'process.send("here", () => process.disconnect())');
  childProcess.fork(`${folder}/child.js`).on('error', reject).on('message', () => resolve());
});

const question = () => promise((resolve) => {
  if (process.stdin.isTTY) process.stdin.setRawMode(true).setRawMode(false);
  if (process.stdout.isTTY) process.stdout.getWindowSize();
  process.on('SIGWINCH', () => {});
  const asked = readline.createInterface({ input: process.stdin, output: process.stdout });
  asked.question('name? ', (name) => { asked.close(); console.log(`hello ${name}`); resolve(); });
});

async function main() {
  files();
  host();
  for (const part of [connection, names, thread, child, question]) await part();
  await promise((resolve) => { setTimeout(resolve, 20); });
  console.log('all done');
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
