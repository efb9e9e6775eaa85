/** `password-agent --test`: does what the agent depends on work with this engine? */
import { asciiBytes } from '../../core/bytes.ts';
import { Password } from '../../core/secret.ts';
import type { AgentMachine } from './agent-machine.ts';
import { withAnswer } from './answer-packet.ts';
import { judge } from './standing.ts';

export interface SelfTest {
  readonly name: string;
  /** Throws when it fails. */
  readonly run: () => void;
}

type Machine = Pick<AgentMachine, 'monotonic' | 'isAlive'>;

/** @param pid a process that lives */
export function selfTests(machine: Machine, pid: number): readonly SelfTest[] {
  return [
    { name: 'the monotonic clock runs', run: () => clockRuns(machine) },
    { name: 'a question that waits is answered', run: () => judged(machine, pid, 0, 'open') },
    { name: 'a question whose time is over is left', run: () => judged(machine, pid, 1, 'left') },
    { name: 'an answer is wiped once it is sent', run: answerIsWiped },
  ];
}

function clockRuns(machine: Machine): void {
  const first = machine.monotonic();
  if (!(first > 0 && machine.monotonic() >= first)) throw new Error('it stands still');
}

function judged(machine: Machine, pid: number, notAfter: number, expected: string): void {
  const text = `[Ask]\nPID=${pid}\nSocket=/s\nNotAfter=${notAfter}\nId=cryptsetup:/dev/x\n`;
  const { kind } = judge(
    { kind: 'read', name: 'ask.test', content: asciiBytes(text) },
    {
      monotonic: machine.monotonic(),
      isAlive: (asker) => machine.isAlive(asker),
      wasAnswered: () => false,
    },
  );
  if (kind !== expected) throw new Error(`it is ${kind}, not ${expected}`);
}

function answerIsWiped(): void {
  using password = new Password(asciiBytes('not a secret'));
  const packet = withAnswer(password, (bytes) => bytes);
  if (packet.some((byte) => byte !== 0)) throw new Error('something of it remains');
}
