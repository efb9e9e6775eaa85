/**
 * Runs in a network namespace of its own and connects a Unix socket, which is reached from
 * outside, with gnutls-serv, which only knows TCP. Arguments: the socket's path, the command
 * without its port. Ends after one connection.
 */
import { execFileSync, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import process from 'node:process';
import { waitForListener } from './wait-for-listener.ts';

const PORT = 5556;
const [, , socketPath = '', program = '', ...args] = process.argv;

execFileSync('ip', ['link', 'set', 'lo', 'up']);
const child = spawn(program, [`--port=${PORT}`, ...args], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
const exit = new Promise((resolve) => child.once('exit', resolve));
await waitForListener(PORT, { exit, stderr: '' });

const server = createServer({ allowHalfOpen: true }, (outside) => {
  server.close();
  const inside = connect({ host: '127.0.0.1', port: PORT, allowHalfOpen: true });
  outside.on('error', () => inside.destroy());
  inside.on('error', () => outside.destroy());
  outside.pipe(inside);
  inside.pipe(outside);
  inside.once('close', () => child.kill());
});
server.listen(socketPath, () => process.stdout.write('ready\n'));
