# Runs containers of an image, without an engine, in memory: for a script to source. All that is made goes with the script.

# Where everything is: the folder is the machine's, what is in it is not.
work=/mnt

# Starts the script again with mounts of its own, and puts a file system in memory over a folder that nobody uses.
use_own_mounts() {
    ((EUID == 0)) || {
        echo "error: mounts need root" >&2
        exit 1
    }
    if [[ ${OWN_MOUNTS:-} != true ]]; then
        OWN_MOUNTS=true exec unshare --mount --propagation private "$0" "$@"
    fi
    mount --types tmpfs --options mode=755,size=3g tmpfs "$work"
}

# Unpacks an archive's image and reads how it is to be run.
unpack_image() {
    local archive=$1 manifest config layer
    blob() { tar --extract --to-stdout --file "$archive" "blobs/${1/://}"; }
    manifest=$(tar --extract --to-stdout --file "$archive" index.json | jq --raw-output '.manifests[0].digest')
    manifest=$(blob "$manifest")
    mkdir "$work/image"
    while read -r layer; do
        blob "$layer" | tar --extract --directory "$work/image" --numeric-owner --preserve-permissions
    done < <(jq --raw-output '.layers[].digest' <<<"$manifest")
    config=$(blob "$(jq --raw-output .config.digest <<<"$manifest")")
    mapfile -t image_environment < <(jq --raw-output '.config.Env[]' <<<"$config")
    mapfile -t image_entrypoint < <(jq --raw-output '.config.Entrypoint[]' <<<"$config")
    mapfile -t image_command < <(jq --raw-output '.config.Cmd[]' <<<"$config")
}

# A box is what one check has: a data folder, as a volume is, which outlives containers. `mounts` are pairs of a folder and where it is to be.
new_box() {
    box=$work/box data=$box/data log=$box/log user=0:0 mounts=() containers=0
    mkdir "$box" "$data"
}

remove_box() {
    local mount
    while read -r mount; do umount --lazy "$mount"; done < <(awk -v box="$box/" 'index($2, box) == 1 {print $2}' /proc/mounts | tac)
    rm -rf --one-file-system "$box"
}

# Starts a container with VARIABLE=VALUE arguments and, if there are others, these as its command.
start() {
    local -a environment=() command=("${image_command[@]}")
    local root=$box/$((++containers)) number
    while [[ ${1:-} == [A-Z]*=* ]]; do
        environment+=("$1")
        shift
    done
    (($# == 0)) || command=("$@")
    mkdir -p "$root"/{upper,scratch,root}
    mount --types overlay --options "lowerdir=$work/image,upperdir=$root/upper,workdir=$root/scratch" overlay "$root/root"
    mount --bind "$data" "$root/root/var/lib/mysql"
    mount --rbind /dev "$root/root/dev"
    for ((number = 0; number < ${#mounts[@]}; number += 2)); do
        mkdir -p "$root/root${mounts[number + 1]}"
        mount --bind "${mounts[number]}" "$root/root${mounts[number + 1]}"
    done
    : >"$log"
    # It dies with this shell. Process 1 of the namespace is what becomes the command.
    # shellcheck disable=SC2016 # the inner shell expands it
    setpriv --pdeathsig KILL unshare --pid --net --mount --fork --kill-child \
        bash -c 'mount --types proc proc "$0/proc" && exec chroot --userspec="$1" "$0" env -i "${@:2}"' "$root/root" "$user" \
        "${image_environment[@]}" "${environment[@]}" "${image_entrypoint[@]}" "${command[@]}" </dev/null >"$log" 2>&1 &
    container=$! init=
    until [[ -n $init ]]; do
        read -r init 2>/dev/null <"/proc/$container/task/$container/children" || kill -0 "$container" 2>/dev/null || break
    done
    init=${init%% *}
}

# Sends a signal to process 1 of the container.
signal() { kill "-$1" "$init"; }

# Ends what still runs. When process 1 of a namespace is collected, no other is left in it.
end_container() {
    [[ -n ${container:-} ]] || return 0
    kill -KILL "${init:-$container}" 2>/dev/null || true
    wait "$container" 2>/dev/null || true
}

# A check is a shell of its own, which would outlive a script that is killed.
end_with_script() { kill -0 $$ 2>/dev/null || exit 1; }

# Polls a condition for some seconds, as long as the container runs.
await() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        end_with_script
        if ((SECONDS >= deadline)) || ! kill -0 "$container" 2>/dev/null; then return 1; fi
        sleep 0.05
    done
}

logged() { grep --quiet --regexp="$1" "$log"; }

# Waits until the container has ended, and tells how in `status`.
await_end() {
    local deadline=$((SECONDS + $1))
    while kill -0 "$container" 2>/dev/null; do
        end_with_script
        ((SECONDS < deadline)) || return 1
        sleep 0.05
    done
    status=0
    wait "$container" || status=$?
}

# Runs a command in the container.
enter() { nsenter --target "$init" --mount --pid --net --root --wd=/ -- env -i "${image_environment[0]}" "$@"; }
