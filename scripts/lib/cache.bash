# Directories that a script fills once, whole or not at all: for scripts to source.
#
# begin_cache DIR GIB   makes $work for the build, $work/out becomes DIR; ends the script when DIR is complete, printing it
# step WHAT COMMAND     runs one step of the build with its output in DIR.log
# finish_cache          moves $work/out into place and prints DIR

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
    say "error: $*"
    exit 1
}

cache_root() { echo "${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/dbmmo"; }

# Sets $directory, $work, $log. One build of a directory runs at a time; others wait for it.
begin_cache() {
    directory=$(realpath -m -- "$1") needed_gib=$2
    log=$directory.log
    local lock free_gib
    mkdir -p "${directory%/*}"
    exec {lock}>"$directory.lock"
    if ! flock --nonblock "$lock"; then
        say "waiting for another build of $directory"
        flock "$lock"
    fi
    if [[ -e $directory/.complete ]]; then
        printf '%s\n' "$directory"
        exit
    fi
    # What a killed build left behind: no other build runs while this one has the lock.
    rm -rf --one-file-system -- "$directory".build.*
    : >"$log"
    free_gib=$(($(df --output=avail -k -- "${directory%/*}" | tail -n 1) / 1024 / 1024))
    ((free_gib >= needed_gib)) || die "${directory%/*} has $free_gib GiB free, the build needs $needed_gib"
    work=$(mktemp -d "$directory.build.XXXXXX")
    trap 'rm -rf --one-file-system -- "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    mkdir "$work/out"
    build_started=$SECONDS
}

# A step runs in a shell of its own, because `set -e` does not act inside a function that is called in a condition.
step() {
    local announcement=$1 started=$SECONDS status=0
    shift
    say "$announcement"
    set +e
    (
        set -e
        "$@"
    ) >>"$log" 2>&1
    status=$?
    set -e
    if ((status != 0)); then
        tail -n 30 "$log" >&2
        die "'$1' failed with status $status; the full output is in $log"
    fi
    echo "== $1: $((SECONDS - started)) s" >>"$log"
}

finish_cache() {
    touch "$work/out/.complete"
    chmod 755 "$work/out"
    rm -rf -- "$directory"
    mv -T -- "$work/out" "$directory"
    rm -f -- "$log"
    say "$directory is complete after $((SECONDS - build_started)) s"
    printf '%s\n' "$directory"
}
