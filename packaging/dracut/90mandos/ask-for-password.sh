#!/bin/sh
# Takes the place of the function of this name in dracut's crypt-lib.sh, for images without
# systemd: plugin-runner asks the servers and the person at the console.
# shellcheck disable=SC3043 # what runs dracut's hooks knows local

# The options are those of the original function. The command that is meant for plymouth reads
# the password from standard input.
ask_for_password() {
    local command='' prompt='' device='' name='' word tries=0 without=askpass-fifo searcher=''
    while [ $# -gt 0 ]; do
        case $1 in
            --cmd | --ply-cmd)
                command=$2
                shift
                ;;
            --prompt | --ply-prompt)
                prompt=$2
                shift
                ;;
            --tty-cmd | --tty-prompt | --tries | --ply-tries | --tty-tries) shift ;;
        esac
        shift
    done
    # It ends with the device and the name for it.
    for word in $command; do
        device=$name
        name=$word
    done
    # A comma would begin another option.
    prompt=$(printf '%s' "$prompt" | tr , ' ')
    {
        flock -s 9
        # There is no last try: what comes after it would be a shell.
        until CRYPTTAB_SOURCE=$device CRYPTTAB_NAME=$name /lib/mandos/plugin-runner \
            --config-file=/etc/mandos/plugin-runner.conf --disable=$without \
            ${prompt:+"--options-for=password-prompt:--prompt=$prompt"} \
            ${prompt:+"--options-for=plymouth:--prompt=$prompt"} | eval "$command"; do
            echo 'Wrong password' >&2
            # A server with the wrong password must not keep a person from typing the right one:
            # from now on the search goes on beside the prompt, and a password that has failed
            # is not tried again.
            tries=$((tries + 1))
            if [ "$tries" = 2 ]; then
                without=mandos-client
                /lib/mandos/unlock-with-mandos \
                    --config-file=/etc/mandos/plugin-runner.conf </dev/null 9>&- &
                searcher=$!
            fi
        done
        if [ -n "$searcher" ]; then
            kill "$searcher"
            wait "$searcher"
        fi
    } 9>/.console_lock
}
