# Roots of Debian and layers of images made of them, without a container engine: for scripts to source.

scripts=$(dirname -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")")
# shellcheck source=scripts/lib/debian.bash
source "$scripts/lib/debian.bash"
# shellcheck source=scripts/lib/cache.bash
source "$scripts/lib/cache.bash"
# A step that fails ends `$(…)` too.
shopt -s inherit_errexit
# Folders get into images as they are made here: others than their makers are to read them.
umask 022

# Starts the calling script again with mounts of its own: they go with it, however it ends.
use_own_mounts() {
    ((EUID == 0)) || die "a chroot needs root"
    [[ ${DBMMO_OWN_MOUNTS:-} == true ]] || DBMMO_OWN_MOUNTS=true exec unshare --mount --propagation private "$scripts/${0##*/}" "$@"
}

# Makes a minimal root of a suite of Debian with the given packages; debootstrap checks Debian's signature. In it apt fetches as the machine's
# does. Whoever calls this in a condition is told of a failure too.
make_debian_root() {
    local suite=$1 root=$2 debootstrap mirror settings
    shift 2
    local -a include=()
    (($# == 0)) || include=(--include="$(IFS=, && echo "$*")")
    debootstrap=$("$scripts/find-tool" debootstrap) && mirror=$(debian_mirror) || return
    DEBOOTSTRAP_DIR=${debootstrap%/sbin/debootstrap}/share/debootstrap \
        "$debootstrap" --variant=minbase --keyring="$debian_keyring" "${include[@]}" "$suite" "$root" "$mirror" || return
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    for settings in /etc/apt/apt.conf.d/*proxy*; do
        [[ ! -e $settings ]] || cp "$settings" "$root/etc/apt/apt.conf.d/"
    done
}

# /sbin is in nobody's path who is not root.
readonly root_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Runs a command in a root with nothing of the machine's environment.
inside() {
    local root=$1
    shift
    chroot "$root" /usr/bin/env -i PATH="${step_path:-$root_path}" HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
}

# Writes a root, or what is to lie over one, as a layer. Mounts are left out, and so are devices, which a runtime makes.
pack_layer() {
    local root=$1 file=$2
    tar --create --file "$file" --directory "$root" --sort=name --numeric-owner --one-file-system \
        --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' --exclude='./run/lock' .
}

# Prints the directory of the cache of this NAME that holds layer.tar. When there is none, MAKER packs it to $work/out/layer.tar.
# As a shell of its own it has the variables of cache.bash for itself.
cached_layer() (
    name=$1 maker=$2
    begin_cache "$(cache_root)/$name" 2
    step "making ${name%-*} (one to two minutes)" "$maker"
    finish_cache
)
