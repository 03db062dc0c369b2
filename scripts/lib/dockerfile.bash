# Carries out the steps of the Dockerfile without a container engine: for scripts to source that are in the folder of the checkout, after roots.bash.

# Prints the steps of a stage, one a line: the instruction, a tab, the rest. `first` or `last` says which.
steps() {
    python3 - Dockerfile "$1" <<'PYTHON'
import pathlib, re, sys
text = re.sub(r"^#.*\n", "", pathlib.Path(sys.argv[1]).read_text(), flags=re.MULTILINE).replace("\\\n", " ")
stages = re.split(r"^FROM .*$", text, flags=re.MULTILINE)
for line in stages[1 if sys.argv[2] == "first" else -1].splitlines():
    if line.strip():
        print("\t".join(line.split(None, 1)))
PYTHON
}

# What `COPY . .` copies: .dockerignore names what is not ignored.
copy_context() {
    mkdir -p "$1"
    sed -n 's/^!//p' .dockerignore | tar --create --files-from - | tar --extract --directory "$1"
}

# Prints where the last stage has the program.
program_path() { steps last | sed -n 's/^COPY\t--from=build --chmod=0755 [^ ]* //p'; }

# Carries out the steps of a stage in a root. Those that only describe the image are passed over, and so is the program when none is given.
# Whoever calls this in a condition is told of a failure too.
run_steps() {
    local stage=$1 root=$2 program=${3:-} instruction rest directory=/
    while IFS=$'\t' read -r instruction rest; do
        case $instruction in
        RUN) inside "$root" /bin/sh -c "cd '$directory' && $rest" </dev/null || return ;;
        WORKDIR)
            directory=$rest
            mkdir -p "$root$directory" || return
            ;;
        COPY)
            case $rest in
            '. .') copy_context "$root$directory" || return ;;
            '--from=build --chmod=0755 '*)
                [[ -z $program ]] || install -D --mode 755 "$program" "$root$(program_path)" || return
                ;;
            *) install -D --mode 644 "${rest% *}" "$root${rest#* }" || return ;;
            esac
            ;;
        ARG | ENV | LABEL | USER | EXPOSE | ENTRYPOINT | CMD) ;;
        *)
            echo "error: scripts/lib/dockerfile.bash does not know $instruction of the Dockerfile" >&2
            return 1
            ;;
        esac
    done < <(steps "$stage")
}

# Prints the last stage's description of the image, as JSON for an image's `config`.
image_config() {
    steps last | jq --raw-input --slurp --arg path "$root_path" '
        [split("\n")[] | select(. != "") | split("\t") | {key: .[0], value: .[1]}] | from_entries
        | {
            Env: ["PATH=\($path)"],
            User: .USER,
            ExposedPorts: ((.EXPOSE // "") | [splits(" +")] | map(select(. != "") | {key: "\(.)/tcp", value: {}}) | from_entries),
            Entrypoint: (.ENTRYPOINT | fromjson),
            Cmd: (.CMD | fromjson)
        }'
}
