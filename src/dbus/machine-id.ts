import { readFileSync } from 'node:fs';
import { DBusError, ErrorName } from './dbus-error.ts';

const PLACES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

/** What org.freedesktop.DBus.Peer.GetMachineId answers (machine-id(5)). Throws `DBusError`. */
export function machineId(): string {
  for (const place of PLACES) {
    try {
      const text = readFileSync(place, 'latin1').trim();
      if (/^[0-9a-f]{32}$/.test(text)) return text;
    } catch {
      // The next place may have it.
    }
  }
  throw new DBusError(ErrorName.failed, 'this machine has no machine ID');
}
