# shellcheck shell=sh
# What belongs into an initial RAM disk with Mandos in it, whoever makes it: the hook of
# initramfs-tools and the module of dracut read this.

# Where the programs are: plugin-runner, plugins.d/ and plugin-helpers/.
mandos_programs() {
    for mandos_dir in /usr/lib/mandos /usr/lib/*-linux-*/mandos /usr/lib64/mandos /usr/local/lib/mandos; do
        if [ -e "$mandos_dir/plugin-runner" ]; then
            printf '%s\n' "$mandos_dir"
            return
        fi
    done
    return 1
}

# Where the keys are; the second is where they were long ago.
mandos_keys() {
    for mandos_dir in /etc/keys/mandos /etc/mandos/keys /etc/keys/mandos; do
        if [ -s "$mandos_dir/seckey.txt" ]; then break; fi
    done
    [ -d "$mandos_dir" ] && printf '%s\n' "$mandos_dir"
}

# Whether an image of initramfs-tools holds the client's keys.
mandos_image_has_keys() {
    [ -s "$1" ] && lsinitramfs "$1" 2>/dev/null | grep -q 'conf/conf\.d/mandos/seckey\.txt$'
}

# The files of the key directory that belong into an image; a key kept there for another
# purpose does not.
# shellcheck disable=SC2034 # for whoever reads this
MANDOS_KEY_FILES='pubkey.txt seckey.txt tls-pubkey.pem tls-privkey.pem dhparams.pem'

# "USER GROUP", the numbers of those that search without privileges.
mandos_ids() {
    { getent passwd _mandos || getent passwd nobody || echo 'nobody:x:65534:65534:::'; } |
        { IFS=: read -r _ _ mandos_user mandos_group _ && echo "$mandos_user $mandos_group"; }
}

# The paths of what belongs into plugins.d or plugin-helpers: what the administrator has put
# into /etc/mandos goes before what is packaged. $1: that directory's name; $2: the programs'.
mandos_plugins() {
    for mandos_path in "/etc/mandos/$1"/* "$2/$1"/*; do
        mandos_base=${mandos_path##*/}
        [ -f "$mandos_path" ] || continue
        case $mandos_base in
            # The list has a line for each.
            *"
"*) continue ;;
            *~ | '#'*'#' | *.dpkg-old | *.dpkg-bak | *.dpkg-new | *.dpkg-dist | *.dpkg-tmp | *.dpkg-divert) continue ;;
        esac
        if [ "$mandos_path" = "$2/$1/$mandos_base" ]; then
            [ ! -e "/etc/mandos/$1/$mandos_base" ] || continue
            # Without the splash screen it would take the start of a program to find that out.
            case $mandos_base in
                plymouth) [ -e /usr/sbin/plymouthd ] || continue ;;
                splashy | usplash) [ -e "/sbin/$mandos_base" ] || continue ;;
            esac
        fi
        [ "$1" != plugins.d ] || [ -n "$(find -L "$mandos_path" -maxdepth 0 -perm -001)" ] ||
            echo "W: mandos: only root may run this plugin, so it will not run at boot: $mandos_path" >&2
        printf '%s\n' "$mandos_path"
    done
}

# The paths of the network hooks and their data. Whatever others could have written is left
# out: it would run as root, here and at boot (L3).
mandos_network_hooks() {
    for mandos_path in /etc/mandos/network-hooks.d/*; do
        case ${mandos_path##*/} in '*' | *[!A-Za-z0-9_.-]*) continue ;; esac
        [ -f "$mandos_path" ] || continue
        if mandos_writable_by_others "$mandos_path"; then
            echo "W: mandos: left out, others may write to it: $mandos_path" >&2
        else
            printf '%s\n' "$mandos_path"
        fi
    done
}

mandos_writable_by_others() {
    [ -n "$(find -L "$1" /etc/mandos/network-hooks.d -maxdepth 0 \( -perm /022 -o ! -user 0 \) -print)" ]
}

# What a network hook says it needs. $1: the hook; $2: "files" or "modules".
mandos_hook_needs() {
    [ -x "$1" ] || return 0
    MANDOSNETHOOKDIR=/etc/mandos/network-hooks.d MODE=$2 VERBOSITY=0 "$1" "$2" </dev/null ||
        echo "W: mandos: network hook $1 failed to list its $2" >&2
}

# The configuration of plugin-runner for the image, on standard output. $1: the user and group,
# $2: the directory of the keys within the image, $3: further options for mandos-client.
mandos_runner_configuration() {
    # What is here can be overridden by what is in the administrator's file.
    for mandos_id in "--userid=${1% *}" "--groupid=${1#* }"; do
        [ "${mandos_id#*=}" = 65534 ] || echo "$mandos_id"
    done
    [ -z "$3" ] || echo "--options-for=mandos-client:$3"
    [ ! -e "$(mandos_keys)/dhparams.pem" ] ||
        echo "--options-for=mandos-client:--dh-params=$2/dhparams.pem"
    [ ! -f /etc/mandos/plugin-runner.conf ] || cat /etc/mandos/plugin-runner.conf
}
