#!/bin/sh
# Runs a program in a Debian root: in-layers.sh LAYERS TEMPORARY PROGRAM ARGUMENTS... LAYERS are
# directories as overlayfs takes them, and stay as they are; TEMPORARY is this machine's directory
# for temporary files, which the program sees, too. Needs a mount namespace of its own.
set -eu
layers=$1 temporary=$2
shift 2
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o "lowerdir=$layers,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
mkdir -p "/mnt/root$temporary"
for shared in /dev /proc "$temporary"; do
    mount --rbind "$shared" "/mnt/root$shared"
done
exec chroot /mnt/root "$@"
