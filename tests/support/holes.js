// What Docker's resolver tells of other sessions, and whether names are served by TCP. Returns hole -> whether it is open.
// PEER: another session's address. GATEWAY: where the name server is.
const net = require('net');
const { Resolver } = require('dns').promises;
const resolver = new Resolver({ timeout: 2000, tries: 1 });
resolver.setServers(['127.0.0.11']);
const isAnswered = (question) => question.then((found) => found.length > 0, () => false);
const connects = (host, port) =>
  new Promise((resolve) => {
    const stream = net.connect({ host, port }).on('error', () => resolve(false));
    stream.setTimeout(5000, () => resolve(false));
    stream.on('connect', () => resolve(true));
  });
const names = await isAnswered(resolver.reverse(PEER));
const addresses = await isAnswered(resolver.resolve4('ably'));
return {
  "another session's name": names,
  "all sessions' addresses": addresses,
  'names by TCP': await connects(GATEWAY, 53),
};
