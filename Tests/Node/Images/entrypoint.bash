# What the entrypoints of the test images have in common: for them to source.

# The entrypoint sets both: the server's name in messages, and the options with which it tells its options.
engine=
help_options=(--verbose --help)

tell() { printf '%s [%s] [Entrypoint]: %s\n' "$(date --rfc-3339=seconds)" "$1" "$2"; }
note() { tell Note "$1"; }
warn() { tell Warn "$1" >&2; }
die() {
    tell ERROR "$1" >&2
    exit 1
}

# Makes sure that the variable NAME has its value: its own, that of the file which NAME_FILE names, or the default.
variable() {
    local name=$1 default=${2:-}
    local file_name=${name}_FILE
    local value=${!name:-} file=${!file_name:-}
    [[ -z $value || -z $file ]] || die "$name and $file_name are both set: one of them is needed"
    [[ -z $file ]] || value=$(<"$file")
    export "$name=${value:-$default}"
    unset "$file_name"
}

# Whether the arguments of a server ask it for a word and not for service.
asks_for_help() {
    local argument
    for argument; do
        case $argument in
        -'?' | --help | --print-defaults | -V | --version) return 0 ;;
        esac
    done
    return 1
}

# Ends when the server doesn't understand its options or its files of options.
check_options() {
    local words
    words=$("$@" "${help_options[@]}" 2>&1 >/dev/null) || die "$engine does not take its options: $* ${help_options[*]}
	$words"
}

# Prints what a server that is called so takes for an option, of which it tells the list after the help.
option() {
    local name=$1
    shift
    "$@" "${help_options[@]}" 2>/dev/null | awk -v name="$name" '$1 == name && /^[^ \t]/ { sub(/^[^ \t]+[ \t]+/, ""); print; exit }'
}

# Makes folders, and gives all that is in them to the server's user. One who isn't root leaves owners as they are.
give_folders_to_server() {
    mkdir -p "$@"
    ((EUID != 0)) || find "$@" ! -user mysql -exec chown --no-dereference mysql {} +
}

# Runs the files that an image's user put aside for the first start. `execute_sql` is the entrypoint's.
run_initial_files() {
    local file
    # Under this name the users' scripts know it, or under that of the function below.
    # shellcheck disable=SC2034
    mysql=(execute_sql)
    for file; do
        case $file in
        *.sh)
            note "running $file"
            # Without the right to be run, a script is a part of this one, and can set its variables.
            # shellcheck source=/dev/null
            if [[ -x $file ]]; then "$file"; else source "$file"; fi
            ;;
        *.sql) note "running $file" && execute_sql <"$file" ;;
        *.sql.gz) note "running $file" && gunzip --stdout "$file" | execute_sql ;;
        *.sql.xz) note "running $file" && xz --decompress --stdout "$file" | execute_sql ;;
        *.sql.zst) note "running $file" && zstd --decompress --stdout "$file" | execute_sql ;;
        *) warn "ignoring $file" ;;
        esac
    done
}

docker_process_sql() {
    if [[ $1 == --dont-use-mysql-root-password ]]; then execute_sql_without_password "${@:2}"; else execute_sql "$@"; fi
}
