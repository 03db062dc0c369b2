# Roots of Debian and layers of images made of them, without a container engine: for scripts to source.

# shellcheck source=scripts/lib/debian.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/debian.bash"
# A step that fails ends `$(…)` too.
shopt -s inherit_errexit

# Starts the calling script again with mounts of its own: they go with it, however it ends.
use_own_mounts() {
    ((EUID == 0)) || {
        echo "error: a chroot needs root" >&2
        exit 1
    }
    [[ ${DBMMO_OWN_MOUNTS:-} == true ]] || DBMMO_OWN_MOUNTS=true exec unshare --mount --propagation private "$0" "$@"
}

# Makes a minimal root of a suite of Debian with the given packages (apt's signatures are checked). In it apt fetches as the machine's does.
make_debian_root() {
    local suite=$1 root=$2 debootstrap mirror
    shift 2
    local -a include=()
    (($# == 0)) || include=(--include="$(IFS=, && echo "$*")")
    debootstrap=$("$(dirname -- "${BASH_SOURCE[0]}")/../find-tool" debootstrap)
    mirror=$(debian_mirror)
    DEBOOTSTRAP_DIR=${debootstrap%/sbin/debootstrap}/share/debootstrap \
        "$debootstrap" --variant=minbase --keyring="$debian_keyring" "${include[@]}" "$suite" "$root" "$mirror"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    if compgen -G '/etc/apt/apt.conf.d/*proxy*' >/dev/null; then cp /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/"; fi
}

# Runs a command in a root with nothing of the machine's environment. /sbin is in nobody's path who is not root.
inside() {
    local root=$1
    shift
    chroot "$root" /usr/bin/env -i PATH="${step_path:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" \
        HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
}

# Writes a root, or what is to lie over one, as a layer. Mounts are left out, and so are devices, which a runtime makes.
pack_layer() {
    local root=$1 file=$2
    tar --create --file "$file" --directory "$root" --sort=name --numeric-owner --one-file-system \
        --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' --exclude='./run/lock' .
}

# Takes the lock of a cached file or folder for as long as this process lives, and removes what a killed build of it left. Prints nothing.
lock_cached() {
    local path=$1 lock
    mkdir -p "${path%/*}"
    exec {lock}>"$path.lock"
    if ! flock --nonblock "$lock"; then
        echo "${0##*/}: waiting for another build of $path" >&2
        flock "$lock"
    fi
    # No other build runs while this one has the lock.
    rm -rf --one-file-system -- "$path".build.*
}

require_free_gib() {
    local folder=$1 needed=$2 free
    free=$(($(df --output=avail -k -- "$folder" | tail -n 1) / 1024 / 1024))
    ((free >= needed)) || {
        echo "${0##*/}: error: $folder has $free GiB free, the build needs $needed" >&2
        exit 1
    }
}

# Makes the cached FILE, unless it is there, by `MAKER WORK-FOLDER RESULT`: whole or not at all, and one process at a time.
# The full output is in FILE.log until it has succeeded. The maker runs in a shell of its own, because `set -e` does not act inside a function
# that is called in a condition.
make_cached() (
    file=$1 maker=$2
    lock_cached "$file"
    [[ ! -e $file ]] || exit 0
    echo "${0##*/}: making ${file##*/} (output in $file.log)" >&2
    building=$(mktemp -d "$file.build.XXXXXX")
    chmod 755 "$building"
    trap 'rm -rf --one-file-system -- "$building"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    started=$SECONDS status=0
    set +e
    (set -e && "$maker" "$building" "$building/result") >"$file.log" 2>&1
    status=$?
    set -e
    if ((status != 0)); then
        tail -n 30 "$file.log" >&2
        echo "${0##*/}: error: '$maker' failed with status $status; the full output is in $file.log" >&2
        exit 1
    fi
    mv -- "$building/result" "$file"
    rm -f -- "$file.log"
    echo "${0##*/}: made ${file##*/} in $((SECONDS - started)) s, $(($(stat --format %s "$file") / 1000 / 1000)) MB" >&2
)
