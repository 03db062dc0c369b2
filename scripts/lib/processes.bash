# Programs that run in the background, found again and ended by process id: for scripts to source.
#
# For each program $dir holds NAME.pid, NAME.born (when it started), NAME.command and NAME.log.
# shellcheck disable=SC2034,SC2154 # shared with the script that sources this

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
    say "error: $*"
    exit 1
}

# Prints when a process started, in clock ticks since the boot, which with the id names it for good.
# A process that has ended and was not collected by its parent yet counts as gone: nothing is printed.
birth_of() {
    local stat fields
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
    read -r -a fields <<<"${stat##*) }"
    [[ ${fields[0]} == Z ]] || echo "${fields[19]}"
}

# Runs a program in a session of its own, so that what a terminal or a test runner sends to its
# process group does not reach it. It notes its process id itself, before it becomes the program:
# whenever this script is killed, nothing runs that `stop` cannot find.
launch() {
    local name=$1
    shift
    (
        self=$BASHPID
        printf '%s\0' "$@" >"$dir/$name.command"
        birth_of "$self" >"$dir/$name.born"
        echo "$self" >"$dir/$name.pid"
        exec setsid "$@"
    ) </dev/null >>"$dir/$name.log" 2>&1 &
}

# Launches a program again as it was launched before.
launch_again() {
    local command
    mapfile -d '' -t command <"$dir/$1.command"
    launch "$1" "${command[@]}"
}

# Prints the process id of a program of $dir that runs. A process that merely has got the same id
# since does not count.
pid_of() {
    local pid born
    { pid=$(<"$dir/$1.pid") && born=$(<"$dir/$1.born"); } 2>/dev/null || return 1
    [[ -n $pid && -n $born && $(birth_of "$pid") == "$born" ]] || return 1
    echo "$pid"
}

# Polls a condition until it holds. Fails, with the cause in $failure, as soon as one of $programs that was
# launched has ended, and when $deadline (of $SECONDS) has passed.
await() {
    local what=$1 program
    shift
    until "$@" >"$dir/await.log" 2>&1; do
        for program in "${programs[@]}"; do
            if [[ -s $dir/$program.pid ]] && ! pid_of "$program" >/dev/null; then
                failure="$program ended before $what"
                return 1
            fi
        done
        if ((SECONDS > deadline)); then
            failure="not ready in time: still waiting until $what"
            return 1
        fi
        sleep 0.1
    done
    rm -f "$dir/await.log"
}

# Ends one program of $dir and waits until it is gone. It gets two seconds to do so itself: one open
# watch of a client keeps kube-apiserver for a minute, and the data are thrown away in any case.
end_program() {
    local pid deadline=$((SECONDS + ${2:-2}))
    pid=$(pid_of "$1") || return 0
    kill -TERM "$pid" 2>/dev/null || true
    while pid=$(pid_of "$1"); do
        if ((SECONDS >= deadline)); then kill -KILL "$pid" 2>/dev/null || true; fi
        sleep 0.02
    done
}

# Ends one program of $dir as if its machine had failed.
kill_program() {
    local pid
    pid=$(pid_of "$1") || return 0
    kill -KILL "$pid" 2>/dev/null || true
    while pid_of "$1" >/dev/null; do sleep 0.02; done
    # That it does not run is meant.
    rm -f "$dir/$1".{born,pid}
}

# Prints a port on which nobody listens. It lies below the range from which the kernel takes ports
# for outgoing connections. Another process can still take it first: then the start is tried again.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}
