# shellcheck shell=sh
# What the makers of an initial RAM disk, the hook of initramfs-tools and the module of dracut,
# know of the runtime that our programs are built on. All programs are one executable that goes
# by the name it is called by: in an image it is stored once, and they are links to it.

# The executable that a program of ours is a link to, or nothing when it is somebody else's.
mandos_runtime_of() {
    mandos_file=$(readlink -f -- "$1") || return 1
    [ "${mandos_file##*/}" != "${1##*/}" ] || return 1
    printf '%s\n' "$mandos_file"
}

# Makes the copy of the executable in the image lighter, in place: ICU's data for languages and
# countries, which nothing at boot needs, becomes zeros, which pack to nothing. Its table of
# contents stays, for that is read when the engine starts. The data begins with
#   struct { uint16 headerSize; uint8 0xda, 0x27; ...; at 12: "CmnD"; ... }
# and at headerSize is the table: uint32 count, then for each item the offsets, from the table,
# of its name and of its contents. An executable without such data stays as it is.
mandos_lighten() {
    LC_ALL=C grep --only-matching --byte-offset --text --fixed-strings CmnD -- "$1" |
        while IFS=: read -r mandos_at _; do
            mandos_header=$((mandos_at - 12))
            [ "$(mandos_number "$1" $((mandos_header + 2)) 2)" = $((0x27da)) ] || continue
            mandos_table=$((mandos_header + $(mandos_number "$1" "$mandos_header" 2)))
            mandos_count=$(mandos_number "$1" "$mandos_table" 4)
            mandos_first=$(mandos_number "$1" $((mandos_table + 8)) 4)
            mandos_last=$(mandos_number "$1" $((mandos_table + 8 * mandos_count)) 4)
            dd if=/dev/zero of="$1" bs=1M conv=notrunc status=none \
                oflag=seek_bytes seek=$((mandos_table + mandos_first)) \
                iflag=count_bytes count=$((mandos_last - mandos_first))
        done
}

# A little-endian number in a file: the file, where in it, how many bytes.
mandos_number() {
    od -A n -j "$2" -N "$3" -t "u$3" --endian=little -- "$1" | tr -d ' '
}
