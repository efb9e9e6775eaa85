# Completion of mandos-ledger for fish; made by scripts/completions.ts.
complete -c mandos-ledger -f
complete -c mandos-ledger -l statedir -x -a '(__fish_complete_directories)' -d 'the state directory of the server (/var/lib/mandos)'
complete -c mandos-ledger -s h -l help -d 'show this help and exit'
complete -c mandos-ledger -s V -l version -d 'show the version'
