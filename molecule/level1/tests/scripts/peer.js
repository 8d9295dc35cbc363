// Answers on ECHO, by TCP and by UDP, from now on. Returns the own address, and what it got from itself there.
const net = require('net');
const socket = require('dgram').createSocket('udp4');
const address = Object.values(require('os').networkInterfaces()).flat().find((i) => !i.internal).address;
await new Promise((resolve) => net.createServer((s) => s.end('peer')).listen(ECHO, '0.0.0.0', resolve));
await new Promise((resolve) => socket.bind(ECHO, resolve));
socket.on('message', (_, from) => socket.send('peer', from.port, from.address));
const tcp = await new Promise((resolve) => net.connect(ECHO, address).on('data', (bytes) => resolve(String(bytes))));
const asking = require('dgram').createSocket('udp4');
const udp = await new Promise((resolve) => asking.on('message', (bytes) => resolve(String(bytes))).send('?', ECHO, address));
asking.close();
return { address, answers: `${tcp} ${udp}` };
