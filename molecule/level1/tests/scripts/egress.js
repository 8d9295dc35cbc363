// Everything that a session with full code execution can try on the network from Node. Returns name -> outcome.
// GATEWAY, PEER (another session's address), and beyond the host OUTSIDE, FORBIDDEN, SERVICE (the allowed name's own
// address) and RESOLVER (the host's name server) are given. On ECHO the host and the peer answer, by TCP and by UDP.
const net = require('net');
const tls = require('tls');
const dns = require('dns').promises;
const dgram = require('dgram');
const { randomBytes } = require('crypto');

const PATIENCE_MS = 8000;

// What a stream comes to: the first bytes of an answer, 'closed', 'silent', or the error's code.
function outcome(socket, send) {
  return new Promise((resolve) => {
    const finish = (text) => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(PATIENCE_MS, () => finish('silent'));
    socket.on('error', (error) => finish(error.code || error.message));
    socket.on('data', (bytes) => finish(`answered ${bytes.toString('latin1').slice(0, 40)}`));
    socket.on('close', () => finish('closed'));
    socket.on(socket.encrypted ? 'secureConnect' : 'connect', () => (send ? socket.write(send) : undefined));
  });
}
const tcp = (host, port, send) => outcome(net.connect({ host, port }), send);
const REQUEST = 'GET /time HTTP/1.1\r\nHost: rest.ably.io\r\nConnection: close\r\n\r\n';
const overTls = (host, servername) =>
  outcome(tls.connect({ host, port: 443, servername, rejectUnauthorized: false }), REQUEST);
const resolve = (name, kind) => dns.resolve(name, kind).then((found) => `found ${found.flat()}`, (error) => error.code);

function ask(server, question) {
  const resolver = new dns.Resolver({ timeout: PATIENCE_MS / 4, tries: 1 });
  resolver.setServers([server]);
  return question(resolver).then((found) => `found ${found.flat()}`, (error) => error.code);
}

function udp(host, port) {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(net.isIPv6(host) ? 'udp6' : 'udp4');
    let done = false;
    const finish = (text) => {
      if (!done) socket.close();
      done = true;
      resolve(text);
    };
    socket.on('error', (error) => finish(error.code));
    socket.on('message', () => finish('answered'));
    socket.send('probe', port, host, (error) => error && finish(error.code));
    setTimeout(() => finish('silent'), PATIENCE_MS / 2).unref();
  }).catch((error) => error.code || error.message);
}

const random = () => randomBytes(12).toString('hex');
const attempts = {
  'allowed name': overTls(GATEWAY, 'rest.ably.io'),
  'foreign name': resolve('forbidden.example.com', 'A'),
  'foreign server name': overTls(GATEWAY, 'forbidden.example.com'),
  'server name with an allowed prefix': overTls(GATEWAY, 'rest.ably.io.example.com'),
  'server name with an allowed ending': overTls(GATEWAY, 'evilably.io'),
  'no server name': overTls(GATEWAY, ''),
  'plain HTTP on 443': tcp(GATEWAY, 443, REQUEST),
  'name that leads inside': overTls(GATEWAY, 'rebind-private.ably.io'),
  'name that leads to the host': overTls(GATEWAY, 'rebind-host.ably.io'),
  'literal address': tcp(OUTSIDE, 443, REQUEST),
  'literal address of a foreign service': tcp(FORBIDDEN, 443, REQUEST),
  'address of the allowed service': overTls(SERVICE, 'rest.ably.io'),
  "the host's name server": tcp(RESOLVER, 53),
  "the host's name server by UDP": udp(RESOLVER, 53),
  "Docker's resolver": ask('127.0.0.11', (resolver) => resolver.reverse(PEER)),
  "Docker's resolver on names of sessions": ask('127.0.0.11', (resolver) => resolver.resolve4('ably')),
  'name of another session': ask(GATEWAY, (resolver) => resolver.reverse(PEER)),
  'addresses of all sessions': ask(GATEWAY, (resolver) => resolver.resolve4('ably')),
  'name server by TCP': tcp(GATEWAY, 53),
  'another port outside': tcp(OUTSIDE, 80, REQUEST),
  'metadata service': tcp('169.254.169.254', 80, REQUEST),
  'IPv6': tcp('2001:db8::1', 443, REQUEST),
  'IPv6 on the link': udp('ff02::1%eth0', 5353),
  'UDP outside': udp(OUTSIDE, 53),
  'another port of the host': tcp(GATEWAY, ECHO),
  'another port of the host by UDP': udp(GATEWAY, ECHO),
  'ssh of the host': tcp(GATEWAY, 22),
  'plain HTTP of the host': tcp(GATEWAY, 80, REQUEST),
  'another session': tcp(PEER, ECHO),
  'another session by UDP': udp(PEER, ECHO),
  'random label of a foreign name': resolve(`${random()}.example.com`, 'A'),
  'random label as text': resolve(`${random()}.rest.ably.io`, 'TXT'),
  'random top level': resolve(random(), 'A'),
};
const names = Object.keys(attempts);
const results = await Promise.all(Object.values(attempts));
return Object.fromEntries(names.map((name, index) => [name, results[index]]));
