# Completion of mandos-monitor for fish; made by scripts/completions.ts.
complete -c mandos-monitor -f
complete -c mandos-monitor -s h -l help -d 'show this help and exit'
complete -c mandos-monitor -s V -l version -d 'show the version'
