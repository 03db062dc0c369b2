# Debian's packages without installing them: for scripts to source.

readonly debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Prints the Debian mirror: DBMMO_DEBIAN_MIRROR, or the one that the machine's own apt settings name for its release.
debian_mirror() {
    if [[ -n ${DBMMO_DEBIAN_MIRROR:-} ]]; then
        echo "$DBMMO_DEBIAN_MIRROR"
        return
    fi
    local release mirror
    # shellcheck source=/dev/null
    release=$(source /etc/os-release && [[ ${ID:-} == debian ]] && echo "${VERSION_CODENAME:-}") || release=
    # A settings file of somebody's own (APT_CONFIG) is not the machine's.
    # shellcheck disable=SC2016 # apt-get expands it
    mirror=$(env -u APT_CONFIG apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null \
        | awk -v release="$release" '$1 == release && $2 == "main" {print $3; exit}') || mirror=
    if [[ -z $mirror ]]; then
        echo "error: the apt settings of this machine name no mirror of Debian; set DBMMO_DEBIAN_MIRROR to the address of one" >&2
        return 1
    fi
    echo "${mirror%/}"
}

# Makes a folder with apt settings and state of its own, for the given suites, and has apt-get use it (APT_CONFIG): the machine's package lists
# stay as they are and its hooks take no part. Only its settings for fetching (a proxy, for one) count.
# Fills the package lists. With an empty status no package is installed, so that a download brings all that a package depends on.
use_private_apt() {
    local folder=$1 mirror name
    shift
    mirror=$(debian_mirror) || return
    mkdir -p "$folder"/{state/lists/partial,cache/archives/partial}
    : >"$folder/status"
    apt-config dump | grep '^Acquire::' >"$folder/apt.conf" || true
    cat >>"$folder/apt.conf" <<CONF
Dir::Etc::Main "/dev/null";
Dir::Etc::Parts "/dev/null";
Dir::Etc::SourceList "$folder/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$folder/state";
Dir::State::Status "$folder/status";
Dir::Cache "$folder/cache";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
    for name; do
        echo "deb [signed-by=$debian_keyring] $mirror $name main"
        echo "deb-src [signed-by=$debian_keyring] $mirror $name main"
    done >"$folder/sources.list"
    export APT_CONFIG=$folder/apt.conf
    apt-get update --error-on=any
}

# Unpacks packages of the suites of use_private_apt, and all that they depend on but the C library, into a folder.
unpack_with_dependencies() {
    local folder=$1 package
    shift
    mkdir -p "$folder"
    apt-get install --yes --download-only "$@"
    # The C library stays the machine's: a program can't run with the loader of one and the library of another.
    for package in "$(dirname "$APT_CONFIG")"/cache/archives/*.deb; do
        case ${package##*/} in
        libc6_* | libc-bin_* | libgcc-s1_* | gcc-*-base_*) ;;
        *) dpkg-deb --extract "$package" "$folder" ;;
        esac
    done
}

# Prints a name for what the given functions and variables of the caller make: it changes when they do, and comments don't count.
recipe_of() {
    local name
    for name; do declare -f "$name" || declare -p "$name"; done | sha256sum | cut -c 1-10
}
