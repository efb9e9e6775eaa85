/** password-agent(8mandos): answers systemd's questions for disk passwords. */
import { writeSync } from 'node:fs';
import { agentLog } from '../boot/agent/agent-log-node.ts';
import { nodeAgentMachine } from '../boot/agent/agent-machine-node.ts';
import { type AgentJob, readAgentJob } from '../boot/agent/agent-options-node.ts';
import { runAgent } from '../boot/agent/run-agent.ts';
import { selfTests } from '../boot/agent/self-test.ts';
import { keepMemoryPrivate, tellError } from '../boot/plugin-program-node.ts';
import { ExitStatus, MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { interruptible } from '../system/interruptible.ts';

export async function main(args: readonly string[]): Promise<number> {
  // At once, whatever is still open: it may have held a password (S4).
  process.exit(await run(args, agentLog()));
}

async function run(args: readonly string[], log: Log): Promise<number> {
  try {
    const job: AgentJob = readAgentJob(args);
    switch (job.kind) {
      case 'print':
        writeSync(1, job.text);
        return ExitStatus.ok;
      case 'test':
        return test(log);
      case 'run':
        return await interruptible((stop) => answer(job, log, stop));
    }
  } catch (error) {
    tellError(error, log);
    return error instanceof MandosError ? error.exitCode : ExitStatus.software;
  }
}

async function answer(
  { agentDirectory, client }: Extract<AgentJob, { kind: 'run' }>,
  log: Log,
  stop: AbortSignal,
): Promise<number> {
  keepMemoryPrivate(log);
  // Otherwise they would end it and leave the client behind.
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) {
    process.on(signal, () => undefined);
  }
  await runAgent(nodeAgentMachine(agentDirectory, client, log, stop));
  return ExitStatus.ok;
}

/** Prints what it finds as lines of the Test Anything Protocol, as the original does. */
function test(log: Log): number {
  const machine = nodeAgentMachine('/', NO_CLIENT, log, new AbortController().signal);
  const tests = selfTests(machine, process.pid);
  let failed = 0;
  writeSync(1, `1..${tests.length}\n`);
  for (const [index, { name, run }] of tests.entries()) {
    try {
      run();
      writeSync(1, `ok ${index + 1} ${name}\n`);
    } catch (error) {
      failed++;
      writeSync(1, `not ok ${index + 1} ${name}: ${String(error)}\n`);
    }
  }
  return failed === 0 ? ExitStatus.ok : ExitStatus.failure;
}

/** The tests start none. */
const NO_CLIENT = {
  program: '/bin/false',
  args: [],
  realIds: { user: 65534, group: 65534 },
  helperDirectory: '/',
} as const;
