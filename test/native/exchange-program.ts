/**
 * Sends what it reads from standard input through TLS to itself, overwrites what it sent and
 * what it received, and stays: for a search of its memory.
 */
import { generateKeyPairSync } from 'node:crypto';
import { readSync } from 'node:fs';
import process from 'node:process';
import { wipeableBytes } from '../../src/core/wipeable-bytes.ts';
import { TlsContext } from '../../src/native/tls-context.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const key = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const receiver = TlsContext.tlsServer(key).connection();
const sender = TlsContext.tlsClient().connection();
sender.handshake();
receiver.receive(sender.takeOutput());
receiver.handshake();
sender.receive(receiver.takeOutput());
sender.handshake();

const secret = wipeableBytes(48);
for (let length = 0; length < secret.length; ) length += readSync(0, secret.subarray(length));
sender.write(secret);
receiver.receive(sender.takeOutput());
receiver.handshake();
const received = receiver.read();
if (typeof received === 'string') throw new Error(`nothing was received but '${received}'`);
const same = Buffer.compare(received, secret) === 0;
secret.fill(0);
received.fill(0);
if (same) process.stdout.write(`exchanged ${received.length} bytes\n`);
process.stdin.resume(); // until the test lets go
