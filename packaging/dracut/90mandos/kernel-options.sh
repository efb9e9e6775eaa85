#!/bin/sh
# Runs early in a boot with dracut: keeps what the kernel's command line says about Mandos, for
# the service or for plugin-runner.

command -v getargs >/dev/null || . /lib/dracut-lib.sh

mandos_options=
for mandos_ip in $(getargs ip=); do
    case $mandos_ip in
        # An IPv6 address is full of colons.
        *'['*) ;;
        *:*:*:*:*:*)
            mandos_ip=${mandos_ip#*:*:*:*:*:}
            mandos_ip=${mandos_ip%%:*}
            [ -z "$mandos_ip" ] || mandos_options="$mandos_options --interface=$mandos_ip"
            ;;
    esac
done
for mandos_word in $(getargs mandos= | tr , ' '); do
    case $mandos_word in
        # As of old, the values of a switch.
        off | no | 0) : >/etc/mandos/off ;;
        yes | 1) ;;
        connect | connect:*)
            # For dracut's network modules, where they are in the image.
            echo rd.neednet=1 >/etc/cmdline.d/20-mandos.conf
            [ "$mandos_word" = connect ] ||
                mandos_options="$mandos_options --connect=${mandos_word#connect:}"
            ;;
        *) warn "Mandos: unknown word in mandos=: $mandos_word" ;;
    esac
done
[ -z "$mandos_options" ] || echo "MANDOS_KERNEL_OPTIONS=$mandos_options" >/etc/mandos/kernel-options

if [ -e /lib/mandos/ask-for-password.sh ] && [ ! -e /etc/mandos/off ]; then
    for mandos_word in $mandos_options; do
        printf '\n--options-for=mandos-client:%s\n' "$mandos_word" >>/etc/mandos/plugin-runner.conf
    done
    echo '. /lib/mandos/ask-for-password.sh' >>/lib/dracut-crypt-lib.sh
fi
unset mandos_options mandos_ip mandos_word
