#!/bin/sh
# with-syslog.sh SOCKET COMMAND…: runs a command whose /dev/log leads to SOCKET. In namespaces
# of its own (unshare --mount): there /dev holds little else.
set -e
dev=$(mktemp -d)
mount -t tmpfs tmpfs "$dev"
for name in null zero full random urandom; do
  : >"$dev/$name"
  mount --bind "/dev/$name" "$dev/$name"
done
mkdir "$dev/shm"
ln -s /proc/self/fd "$dev/fd"
ln -s "$1" "$dev/log"
shift
mount --move "$dev" /dev
rmdir "$dev"
exec "$@"
