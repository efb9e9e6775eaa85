import type { MandosService } from '../server/mandos-service.ts';
import type { ClientAct } from './key-commands.ts';

/** Does it to the client at `path`. Throws as `MandosService`. */
export async function doAct(service: MandosService, act: ClientAct, path: string): Promise<void> {
  switch (act) {
    case 'enable':
      return await service.set(path, 'Enabled', true);
    case 'disable':
      return await service.set(path, 'Enabled', false);
    case 'approve':
      return await service.approve(path, true);
    case 'deny':
      return await service.approve(path, false);
    case 'remove':
      return await service.remove(path);
    case 'start-checker':
      return await service.set(path, 'CheckerRunning', true);
    case 'stop-checker':
      return await service.set(path, 'CheckerRunning', false);
    case 'check-ok':
      return await service.checkedOk(path);
    default:
      return act satisfies never;
  }
}

/** What it is, as the end of a sentence. */
export function actText(act: ClientAct, name: string): string {
  switch (act) {
    case 'enable':
    case 'disable':
    case 'approve':
    case 'deny':
    case 'remove':
      return `${act} client ${name}`;
    case 'start-checker':
      return `start the checker of client ${name}`;
    case 'stop-checker':
      return `stop the checker of client ${name}`;
    case 'check-ok':
      return `count a successful check of client ${name}`;
    default:
      return act satisfies never;
  }
}
