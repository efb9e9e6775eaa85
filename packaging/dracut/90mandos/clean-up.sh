#!/bin/sh
# Runs at the end of a boot with dracut: which questions were answered is of no use to the system.
rm -f /run/systemd/ask-password.mandos-answered
