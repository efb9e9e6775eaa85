#!/bin/sh
# Runs a script in a copy of a Debian root: in-root.sh LOWER COPY FILES SCRIPT. LOWER stays as it
# is; what differs from it comes into COPY/upper, and the whole is mounted at COPY/tree for
# the command that follows, which runs outside. To be run in a mount namespace of its own.
set -eu
lower=$1 copy=$2 files=$3 script=$4
shift 4
tree=$copy/tree
mkdir -p "$copy/upper" "$copy/work" "$tree"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$copy/upper,workdir=$copy/work" "$tree"
cp -a "$files/." "$tree"
cp /etc/resolv.conf "$tree/etc/resolv.conf"
mount --bind /dev "$tree/dev"
mount -t tmpfs tmpfs "$tree/run"
mount -t sysfs -o ro sysfs "$tree/sys"
unshare --pid --fork --kill-child "--mount-proc=$tree/proc" \
    chroot "$tree" /usr/bin/env -i PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive /bin/sh -eux "$script" >&2
umount "$tree/sys" "$tree/run" "$tree/dev"
"$@"
umount "$tree"
