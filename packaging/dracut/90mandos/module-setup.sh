#!/bin/bash
# Puts the Mandos client and its keys into an image made by dracut, with systemd in it or not.
# Written for dracut 059 and for what it had become by 110.
# shellcheck disable=SC2154 # dracut sets initdir, moddir, hostonly and systemdsystemunitdir

mandos_boot_files=${dracutsysrootdir-}/usr/share/mandos-client
. "$mandos_boot_files/image.sh"
. "$mandos_boot_files/runtime.sh"

# Called by dracut: whether this module belongs into the image.
check() {
    # An image for any machine must not hold the keys of this one.
    if [ "${hostonly:-no}" = no ]; then
        dwarning 'mandos: left out, for the image is not made for this host alone (hostonly)'
        return 1
    fi
    if ! mandos_programs >/dev/null || ! mandos_keys >/dev/null; then
        dwarning 'mandos: left out, for there are no programs or no keys'
        return 1
    fi
    return 0
}

# Called by dracut: the modules that this one needs.
depends() {
    echo crypt
}

# Called by dracut.
installkernel() {
    local hook module
    instmods '=drivers/net'
    hostonly='' instmods ipv6
    while read -r hook; do
        while read -r module; do
            hostonly='' instmods "$module"
        done < <(mandos_hook_needs "$hook" modules)
    done < <(mandos_network_hooks)
}

# A program of ours: $1, and its place in the image.
mandos_install_program() {
    local runtime
    if runtime=$(mandos_runtime_of "$1"); then
        if [ ! -e "$initdir/lib/mandos/mandos" ]; then
            # With the libraries it needs.
            inst_binary "$runtime" /lib/mandos/mandos
            mandos_lighten "$initdir/lib/mandos/mandos"
        fi
        mkdir -p "$initdir${2%/*}"
        ln -sfn /lib/mandos/mandos "$initdir$2"
    else
        inst "$1" "$2"
    fi
}

# The way of images with systemd: password-agent answers what systemd-cryptsetup asks.
mandos_install_agent() {
    local programs=$1 user=$2 group=$3 name wants
    # All programs are one: here it goes by this name.
    mandos_install_program "$programs/plugin-runner" /lib/mandos/password-agent
    mandos_install_program "$programs/plugins.d/mandos-client" /lib/mandos/mandos-client
    for name in ask-password-mandos.path ask-password-mandos.service; do
        inst_simple "$moddir/$name" "$systemdsystemunitdir/$name"
    done
    wants=$initdir$systemdsystemunitdir/sysinit.target.wants
    mkdir -p "$wants" "$initdir$systemdsystemunitdir/ask-password-mandos.service.d"
    ln -sfn ../ask-password-mandos.path "$wants/ask-password-mandos.path"
    {
        echo '[Service]'
        echo "Environment=\"MANDOS_AGENT_USER=--user=$user --group=$group\""
        [ ! -e "$(mandos_keys)/dhparams.pem" ] ||
            echo 'Environment=MANDOS_DH_PARAMS=--dh-params=/etc/mandos/keys/dhparams.pem'
    } >"$initdir$systemdsystemunitdir/ask-password-mandos.service.d/10-image.conf"
    for name in /etc/systemd/system/ask-password-mandos.service.d/*.conf; do
        [ ! -f "$name" ] || inst_simple "$name"
    done
}

# The way of images without systemd: plugin-runner takes the place of dracut's prompt.
mandos_install_runner() {
    local programs=$1 user=$2 group=$3 kind file
    mandos_install_program "$programs/plugin-runner" /lib/mandos/plugin-runner
    for kind in plugins.d plugin-helpers; do
        mkdir -p "$initdir/lib/mandos/$kind"
        while IFS= read -r file; do
            mandos_install_program "$file" "/lib/mandos/$kind/${file##*/}"
        done < <(mandos_plugins "$kind" "$programs")
    done
    inst_simple "$moddir/ask-for-password.sh" /lib/mandos/ask-for-password.sh
    inst_simple "$mandos_boot_files/unlock-with-mandos" /lib/mandos/unlock-with-mandos
    # Where askpass-fifo listens.
    mkdir -p "$initdir/lib/cryptsetup"
    mandos_runner_configuration "$user $group" /etc/mandos/keys "$(
        printf '%s' '--pubkey=/etc/mandos/keys/pubkey.txt,--seckey=/etc/mandos/keys/seckey.txt,' \
            '--tls-pubkey=/etc/mandos/keys/tls-pubkey.pem,' \
            '--tls-privkey=/etc/mandos/keys/tls-privkey.pem'
    )" >"$initdir/etc/mandos/plugin-runner.conf"
    inst_multiple flock cat cmp dd grep mkdir mv rm sleep tr wc
}

# Called by dracut.
install() {
    local programs keys user group name hook file target
    programs=$(mandos_programs)
    keys=$(mandos_keys)
    read -r user group < <(mandos_ids)

    mkdir -p "$initdir/lib/mandos" "$initdir/etc/mandos/keys"
    # Plugins run without root's privileges and may want a place for files.
    mkdir -p "$initdir/tmp"
    chmod a=rwxt "$initdir/tmp"
    for name in $MANDOS_KEY_FILES; do
        # Not this very function.
        [ ! -f "$keys/$name" ] || command install -m 600 -o "$user" -g "$group" -- \
            "$keys/$name" "$initdir/etc/mandos/keys/$name"
    done

    if dracut_module_included systemd; then
        mandos_install_agent "$programs" "$user" "$group"
        while IFS= read -r file; do
            mandos_install_program "$file" "/lib/mandos/plugin-helpers/${file##*/}"
        done < <(mandos_plugins plugin-helpers "$programs")
    else
        mandos_install_runner "$programs" "$user" "$group"
    fi
    inst_hook cmdline 20 "$moddir/kernel-options.sh"
    inst_hook cleanup 20 "$moddir/clean-up.sh"

    while read -r hook; do
        inst "$hook" "/lib/mandos/network-hooks.d/${hook##*/}"
        while read -r file target; do
            if [ -e "$file" ]; then
                inst "$file" "${target:-$file}"
            else
                dwarning "mandos: network hook ${hook##*/} needs $file, which is not there"
            fi
        done < <(mandos_hook_needs "$hook" files)
    done < <(mandos_network_hooks)

    dinfo "mandos: adds $(($(du -s -k --apparent-size "$initdir/lib/mandos" | cut -f 1) / 1000)) MB to the image, before it is packed"
}
