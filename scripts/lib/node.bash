# A node beside a control plane: a kubelet and what it needs, in mount, network and process namespaces of their own. For scripts/control-plane to
# source; $dir is the directory of the control plane, $assets holds kubelet, kube-scheduler and kube-proxy.
#
# One process, the holder, keeps the namespaces. All else of the control plane and of the node runs in them, so that it all ends when the holder's
# first child does, and mounts and network devices go with it. What the kernel does not take away by itself are control groups: they are below one
# folder in each hierarchy, which is named after the holder.
# shellcheck disable=SC2034,SC2154 # shared with the script that sources this

readonly node_name=node
readonly node_address=10.88.255.1 dns_address=10.88.255.53 pod_range=10.88.16.0/20
readonly node_programs=(containerd kube-scheduler kube-proxy kubelet named node-services)
# The folder of the node in the directory of the control plane.
readonly node_folder=node
readonly runtime_socket=/run/dbmmo-node/containerd.sock

has_node() { [[ -e $dir/$node_folder/tools ]]; }

# Whether this process is in the namespaces of the node of $dir.
is_inside() { [[ $(readlink /proc/self/ns/net) == "$(cat "$dir/$node_folder/namespace" 2>/dev/null)" ]]; }

# Becomes a command in the namespaces of the node.
enter() {
    local holder
    holder=$(pid_of holder) || die "the node of $dir does not run"
    exec nsenter --mount="/proc/$holder/ns/mnt" --net="/proc/$holder/ns/net" --pid="/proc/$holder/ns/pid_for_children" -- \
        sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"
}

# Prints why this machine cannot run a node, in one line; nothing when it can.
why_no_node() {
    ((EUID == 0)) || { echo "a node needs root" && return; }
    local program
    for program in unshare nsenter setsid mount losetup; do
        command -v "$program" >/dev/null || { echo "$program is missing (Debian: util-linux, mount)" && return; }
    done
    unshare --mount --net --pid --fork --mount-proc true 2>/dev/null || {
        echo "the kernel does not let this process make mount, network and process namespaces (CAP_SYS_ADMIN)" && return
    }
    grep -qw overlay /proc/filesystems || { echo "the kernel has no overlayfs" && return; }
    grep -qw ext4 /proc/filesystems || { echo "the kernel has no ext4" && return; }
    [[ $(stat --file-system --format %T "${TMPDIR:-/tmp}") != overlayfs ]] \
        || { echo "${TMPDIR:-/tmp} lies on an overlayfs, on which containers can't lie; TMPDIR names another folder" && return; }
    [[ -e /dev/loop-control ]] || { echo "the kernel has no loop devices" && return; }
    [[ -n $(cgroup_hierarchies) ]] || { echo "no control groups are mounted below /sys/fs/cgroup" && return; }
    local hierarchy
    hierarchy=$(cgroup_hierarchies | head -n 1)
    mkdir "$hierarchy/dbmmo-node-probe-$$" 2>/dev/null || { echo "control groups can't be made in $hierarchy" && return; }
    rmdir "$hierarchy/dbmmo-node-probe-$$"
    local tools
    tools=$("$here/build-node") || { echo "its programs can't be unpacked" && return; }
    # shellcheck disable=SC2016 # the inner shell's
    unshare --net bash -ec '
        PATH=$1:$PATH
        ip link add probe0 type veth peer name probe1; ip link add probe2 type bridge
        iptables -w -t nat -A OUTPUT -p tcp -m statistic --mode random --probability 0.5 -m comment --comment probe -j REDIRECT
    ' bash "$tools/bin" >/dev/null 2>&1 || echo "the kernel has no veth and bridge devices or no NAT by iptables (nf_tables) in a network namespace"
}

# --- control groups ------------------------------------------------------------------------------------------------------------------------------

# Prints the folder of each hierarchy: one for each controller, or one for all of them.
cgroup_hierarchies() {
    awk '($3 == "cgroup" || $3 == "cgroup2") && $2 ~ "^/sys/fs/cgroup" {print $2}' /proc/mounts
}

make_cgroups() {
    local hierarchy file
    while read -r hierarchy; do
        mkdir -p "$hierarchy/$1"
        # A new group of cpuset has no cores and no memory, and runs nothing until it has.
        for file in cpuset.cpus cpuset.mems; do
            if [[ -e $hierarchy/$1/$file && -z $(<"$hierarchy/$1/$file") ]]; then cat "$hierarchy/$file" >"$hierarchy/$1/$file"; fi
        done
        if [[ -e $hierarchy/cgroup.subtree_control ]]; then
            sed 's/\([^ ]\+\)/+\1/g' "$hierarchy/cgroup.controllers" >"$hierarchy/cgroup.subtree_control" 2>/dev/null || true
        fi
    done < <(cgroup_hierarchies)
}

# Removes the groups of a node that has ended. Its processes are gone, but the kernel takes a moment to notice.
remove_cgroups() {
    local hierarchy deadline=$((SECONDS + 10))
    while read -r hierarchy; do
        while [[ -d $hierarchy/$1 ]]; do
            find "$hierarchy/$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
            ((SECONDS < deadline)) || break
            [[ ! -d $hierarchy/$1 ]] || sleep 0.05
        done
    done < <(cgroup_hierarchies)
}

# The groups of nodes whose watchdog was killed, too, or whose machine stopped.
remove_stale_cgroups() {
    local hierarchy group pid
    while read -r hierarchy; do
        for group in "$hierarchy"/dbmmo-node-*; do
            [[ -d $group ]] || continue
            group=${group##*/} pid=${group#dbmmo-node-}
            [[ -d /proc/${pid%%-*} ]] || remove_cgroups "$group"
        done
    done < <(cgroup_hierarchies | head -n 1)
}

# --- the holder ----------------------------------------------------------------------------------------------------------------------------------

# Starts the process that keeps the namespaces, and waits until they are furnished. $node_tools and $node_images are what the build scripts print.
start_holder() {
    mkdir -p "$dir/$node_folder"
    printf '%s\n' "$node_tools" >"$dir/$node_folder/tools"
    printf '%s\n' "$node_images" >"$dir/$node_folder/images"
    remove_stale_cgroups
    launch holder unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private \
        "$here/control-plane" hold "$dir/" "$node_tools/bin"
    await "the namespaces of the node are there" test -e "$dir/$node_folder/furnished" || return 1
    # No other process gets the holder's number while it lives.
    echo "dbmmo-node-$(<"$dir/holder.pid")-$(<"$dir/holder.born")" >"$dir/$node_folder/cgroup"
    make_cgroups "$(<"$dir/$node_folder/cgroup")"
}

# Process 1 of the node: furnishes the namespaces, and waits. It collects processes that have lost their parent.
hold() {
    dir=${1%/}
    local folder=$dir/$node_folder tunable
    PATH=$2:$PATH
    # A machine that runs a container engine of its own has these folders, others have not: neither is to notice anything.
    mount -t tmpfs -o mode=755 node /run
    mkdir -p /run/{netns,containerd,dbmmo-node,lock,xtables} "$folder"/{log,lib,work,tmp}
    mount --bind "$folder/log" /var/log
    mount -t overlay -o "lowerdir=/var/lib,upperdir=$folder/lib,workdir=$folder/work" node /var/lib
    # The kubelet sets these of the whole machine. It finds what it wants, and leaves them alone.
    for tunable in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
        kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
        [[ -e /proc/sys/${tunable%=*} ]] || continue
        mkdir -p "$folder/tunables/${tunable%/*}"
        echo "${tunable#*=}" >"$folder/tunables/${tunable%=*}"
        mount --bind "$folder/tunables/${tunable%=*}" "/proc/sys/${tunable%=*}"
    done
    printf 'nameserver %s\n' "$dns_address" >"$folder/resolv.conf"
    if [[ -e /etc/resolv.conf ]]; then mount --bind "$folder/resolv.conf" /etc/resolv.conf; fi

    # A pair of devices, since not every kernel has dummy ones, carries the addresses of the node.
    ip link set lo up
    ip link add node0 type veth peer name node1
    ip link set node1 up
    ip addr add "$node_address/32" dev node0
    ip addr add "$dns_address/32" dev node0
    ip link set node0 up
    ip route add default dev node0
    # Where clouds tell machines about themselves: that there is none is known at once, not after seconds.
    ip route add unreachable 169.254.0.0/16
    echo 1 >/proc/sys/net/ipv4/ip_forward
    # Pods on one bridge reach each other through Services only when the bridge asks iptables.
    if [[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]]; then echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables; fi

    readlink /proc/self/ns/net >"$folder/namespace"
    touch "$folder/furnished"
    while :; do
        sleep infinity &
        wait
    done
}

# Ends all processes of the node, with the control plane, and removes what the kernel does not remove by itself.
end_node() {
    local holder first group
    if holder=$(pid_of holder); then
        first=$(cat "/proc/$holder/task/$holder/children" 2>/dev/null) || first=
        # Process 1 is gone when all others are.
        # shellcheck disable=SC2086 # one number, or none
        kill -KILL ${first:-$holder} 2>/dev/null || true
        for _ in {1..200}; do
            pid_of holder >/dev/null || break
            sleep 0.05
        done
        kill_program holder
    fi
    if group=$(cat "$dir/$node_folder/cgroup" 2>/dev/null); then remove_cgroups "$group"; fi
}

# --- its programs --------------------------------------------------------------------------------------------------------------------------------

# Writes a kubeconfig for a user who has a certificate of the client authority.
# client_kubeconfig NAME COMMON-NAME ORGANISATION
client_kubeconfig() {
    make_client_certificate "$1" "$2" "$3"
    cat >"$dir/$1.kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters:
- name: control-plane
  cluster: {server: "$(sed -n 's/^ *server: //p' "$dir/kubeconfig")", certificate-authority: "$dir/certificates/apiserver.crt"}
users:
- name: $1
  user: {client-certificate: "$dir/$1.crt", client-key: "$dir/$1.key"}
contexts:
- name: $1
  context: {cluster: control-plane, user: $1}
current-context: $1
YAML
}

make_client_certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/O=$3/CN=$2" -keyout "$dir/$1.key" 2>/dev/null \
        | openssl x509 -req -CA "$dir/client-ca.crt" -CAkey "$dir/client-ca.key" -CAcreateserial -days 30 -out "$dir/$1.crt" 2>/dev/null
}

# Who the API server is when it asks a kubelet for logs or to execute something.
make_kubelet_client() { make_client_certificate kubelet-client kube-apiserver system:masters; }

write_runtime_config() {
    local folder=$dir/$node_folder
    mkdir -p "$folder/cni"
    cat >"$folder/cni/10-node.conflist" <<JSON
{"cniVersion": "1.0.0", "name": "node", "plugins": [
  {"type": "bridge", "bridge": "pods0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pod_range"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}
]}
JSON
    # Root may lack CAP_SYS_RESOURCE, in virtual machines for example. The kubelet asks for an oom_score_adj of -998 for the sandbox of a pod, runc can't
    # set it then, and says no more than "can't get final child's PID from pipe: EOF".
    cat >"$folder/containerd.toml" <<TOML
version = 2
root = "$folder/containerd"
state = "/run/dbmmo-node/containerd"
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
[grpc]
  address = "$runtime_socket"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "node.dbmmo.test/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$node_tools/root/usr/lib/cni"
    conf_dir = "$folder/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "$node_tools/bin/runc"
        SystemdCgroup = false
TOML
}

write_kubelet_config() {
    local folder=$dir/$node_folder
    cat >"$folder/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $node_address
authentication: {anonymous: {enabled: false}, webhook: {enabled: false}, x509: {clientCAFile: "$dir/client-ca.crt"}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupRoot: /$(<"$folder/cgroup")
clusterDNS: ["$dns_address"]
clusterDomain: cluster.local
resolvConf: "$folder/resolv.conf"
failSwapOn: false
makeIPTablesUtilChains: false
maxPods: 250
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 50Mi}
serializeImagePulls: false
volumeStatsAggPeriod: 5s
healthzBindAddress: $node_address
YAML
    cat >"$folder/kube-proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: $pod_range
hostnameOverride: $node_name
clientConnection: {kubeconfig: "$dir/kube-proxy.kubeconfig"}
# These are settings of the whole machine.
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
iptables: {syncPeriod: 30s, minSyncPeriod: 100ms}
healthzBindAddress: "127.0.0.1:10256"
metricsBindAddress: "127.0.0.1:10249"
YAML
}

ctr() { "$node_tools/bin/ctr" --address "$runtime_socket" --namespace k8s.io "$@"; }

import_image() { ctr images import --no-unpack "$1"; }

# In the namespaces, when the API server serves: starts all programs of the node, and waits until it is ready.
start_node_programs() {
    local folder=$dir/$node_folder image
    node_tools=$(<"$folder/tools") node_images=$(<"$folder/images")
    export PATH=$node_tools/bin:$PATH
    write_runtime_config
    client_kubeconfig kubelet "system:node:$node_name" system:nodes
    client_kubeconfig kube-proxy system:kube-proxy system:kube-proxies
    client_kubeconfig kube-scheduler system:kube-scheduler system:kube-schedulers
    write_kubelet_config

    # What a runtime and a kubelet make for pods, others than root have to be able to read.
    umask 022
    launch containerd "$node_tools/bin/containerd" --config "$folder/containerd.toml"
    launch kube-scheduler "$assets/kube-scheduler" --kubeconfig="$dir/kube-scheduler.kubeconfig" --leader-elect=false --port=0 --secure-port=0
    launch kube-proxy "$assets/kube-proxy" --config="$folder/kube-proxy.yaml"
    start_name_server
    launch node-services "$node_services" --kubeconfig "$dir/kubeconfig" --node "$node_name" --volumes "$folder/volumes" \
        --zone-file "$folder/dns/cluster.local.zone" --name-server-pid "$dir/named.pid" --name-server-address "$dns_address"
    await "containerd serves" ctr version || return 1
    for image in "$node_images"/*.tar; do import_image "$image" >>"$dir/images.log"; done
    launch kubelet "$assets/kubelet" --config="$folder/kubelet.yaml" --kubeconfig="$dir/kubelet.kubeconfig" --hostname-override="$node_name" \
        --node-ip="$node_address" --container-runtime=remote --container-runtime-endpoint="unix://$runtime_socket" --root-dir="$folder/kubelet" \
        --cert-dir="$folder/kubelet-certificates"
    await "the node is there" kubectl get node "$node_name" || return 1
    await "the node is ready" kubectl wait --for=condition=Ready "node/$node_name" --timeout=1s
}

# Ends all that runs in pods, and what would start it again, at once: as if the machine of the node had lost its power. Its files are left.
crash_node() {
    local group list pid
    kill_program kubelet
    kill_program containerd
    group=$(cgroup_hierarchies | head -n 1)/$(<"$dir/$node_folder/cgroup")
    # One more look finds what was forked meanwhile. The names of other programs are no matter: these are the processes of this node alone.
    for _ in 1 2 3; do
        while read -r list; do
            while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done <"$list"
        done < <(find "$group" -name cgroup.procs 2>/dev/null)
        for pid in /proc/[0-9]*; do
            [[ $(readlink "$pid/exe" 2>/dev/null) != */containerd-shim* ]] || kill -KILL "${pid#/proc/}" 2>/dev/null || true
        done
        sleep 0.1
    done
}

# Starts it again: the runtime first, as the node's init system would. Waits until the node says that it is ready, after having been away.
revive_node() {
    launch_again containerd
    await "containerd serves" ctr version || return 1
    launch_again kubelet
    await "the kubelet serves" curl --silent --fail --max-time 1 "http://$node_address:10248/healthz" || return 1
    await "the node is ready" kubectl wait --for=condition=Ready "node/$node_name" --timeout=1s
}

# For programs of the node that are launched again: as start_node_programs has it.
prepare_revival() {
    node_tools=$(<"$dir/$node_folder/tools")
    export PATH=$node_tools/bin:$PATH
    umask 022
}

# Answers for the cluster and for all else: what lies outside is a zone of its own, so that nobody is asked beyond the node. It follows an alias from
# one zone to the other only as for a client that asks for recursion.
start_name_server() {
    local folder=$dir/$node_folder/dns
    mkdir -p "$folder"
    cat >"$folder/named.conf" <<CONF
options {
    directory "$folder";
    pid-file none; lock-file none; session-keyfile none;
    listen-on port 53 { $dns_address; };
    listen-on-v6 { none; };
    recursion yes; allow-recursion { any; }; allow-query { any; }; allow-transfer { none; };
    dnssec-validation no; empty-zones-enable no; minimal-responses yes; max-cache-size 2m; notify no; check-names primary ignore;
};
controls { };
logging { category default { default_stderr; }; };
zone "cluster.local" { type primary; file "cluster.local.zone"; };
zone "." { type primary; file "cluster.local.zone.root"; };
CONF
    launch named "$node_tools/bin/named" -c "$folder/named.conf" -f -n 1
}
