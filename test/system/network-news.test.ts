import assert from 'node:assert/strict';
import process from 'node:process';
import test from 'node:test';
import { NetworkNamespaces } from '../support/network-namespaces.ts';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';

const needs = requires('namespaces');

/** Tells of each piece of news in a line, and of its end at TERM. */
const SCRIPT = `
  import { watchNetworkNews } from ${JSON.stringify(inRepository('src/system/network-news.ts'))};
  import { bootClock } from ${JSON.stringify(inRepository('src/system/boot-clock.ts'))};
  let count = 0;
  const news = watchNetworkNews(bootClock, () => console.log('news', ++count));
  const idle = setInterval(() => undefined, 1000);
  process.on('SIGTERM', () => {
    news[Symbol.dispose]();
    clearInterval(idle);
    console.log('ended');
  });
  console.log('watching');`;

function watching(network: NetworkNamespaces): RunningProgram {
  return RunningProgram.start(
    ...network.right.command(
      ...([process.execPath, '--disable-warning=ExperimentalWarning'] as const),
      ...['--input-type=module-typescript', '-e', SCRIPT],
    ),
  );
}

test('the kernel tells of links and addresses, until it is not listened to', needs, async () => {
  await using network = await NetworkNamespaces.make(false);
  await using program = watching(network);
  await program.waitForLine(/^watching$/);
  await network.right.ip('link', 'set', 'right0', 'up');
  await program.waitForLine(/^news 1$/);
  const before = Number(/news (\d+)\n$/.exec(program.stdout.toString())?.[1]);
  await network.right.ip('address', 'add', '192.0.2.1/24', 'dev', 'right0');
  await program.waitForLine(new RegExp(`^news ${before + 1}$`));
  program.kill('SIGTERM');
  await program.waitForLine(/^ended$/);
  await network.right.ip('address', 'del', '192.0.2.1/24', 'dev', 'right0');
  const { code } = await program.exit;
  assert.equal(code, 0);
  assert.match(program.stdout.toString(), /ended\n$/);
});
