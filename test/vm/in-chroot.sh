#!/bin/sh
# Runs a story in a copy of a Debian that goes away afterwards: in-chroot.sh TREE WORK STORY
# PACKAGES... WORK is an empty directory. Needs a mount namespace of its own.
set -eu
tree=$1 work=$2 story=$3
shift 3
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/work" "$work/root"
root=$work/root
mkdir "$root/pkg"
cp "$@" "$root/pkg"
cp "$story" "$root/story"
cp /etc/resolv.conf "$root/etc/resolv.conf"
# Nothing is started in here.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
mount --bind /dev "$root/dev"
exec unshare --pid --fork --kill-child --mount-proc="$root/proc" chroot "$root" \
    /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive /bin/sh /story
