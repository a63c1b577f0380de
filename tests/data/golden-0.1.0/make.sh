#!/usr/bin/env bash
# Makes the files of this folder with the programs of 0.1.0+737b1b3: make.sh PROGRAMS
#
# PROGRAMS holds felhom-agent, felhom-sign, felhom-sim and felhom-hub-sim, built from that commit. Needs ssh-keygen,
# curl and python3.
set -euo pipefail
programs=$(realpath "$1")
golden=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
log=${GOLDEN_LOG:-$work/log}
children=()
trap 'kill "${children[@]}" 2>"$work/gone" || true; rm -rf "$work"' EXIT
cd "$work"
umask 077

# node: serves a fresh demo world; its address and token are what the agent is configured with.
node() {
    : >node.out
    "$programs/felhom-sim" --port 0 >>node.out &
    node_id=$!
    children+=("$node_id")
    until grep -q '^token' node.out; do sleep 0.05; done
    url=$(awk '/^url/ {print $2}' node.out)
    export FELHOM_AGENT_PROXMOX_URL=$url
    FELHOM_AGENT_PROXMOX_FINGERPRINT=$(awk '/^fingerprint/ {print $2}' node.out)
    export FELHOM_AGENT_PROXMOX_FINGERPRINT
    token=$(awk '/^token/ {print $2}' node.out)
    FELHOM_AGENT_PROXMOX_TOKEN_ID=${token%%=*}
    FELHOM_AGENT_PROXMOX_TOKEN_SECRET=${token#*=}
    export FELHOM_AGENT_PROXMOX_TOKEN_ID FELHOM_AGENT_PROXMOX_TOKEN_SECRET
}

api() {
    curl -sk -H "Authorization: PVEAPIToken=$token" "$url/api2/json/nodes/pve1/$1" "${@:2}"
}

digest_of() {
    api "lxc/$1/config" | python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["digest"])'
}

# agent WORDS: whatever it answers; a refusal is a result, too.
agent() {
    echo "felhom-agent $*" >>"$log"
    "$programs/felhom-agent" "$@" >>"$log" 2>&1 || echo "exit $?" >>"$log"
}

# want GENERATION GUESTS: the desired state.
want() {
    echo "{\"version\":1,\"generation\":$1,\"guests\":[$2]}" >desired.json
}

# sign VERB GUEST OPTIONS: the bundle VERB.bundle.
sign() {
    "$programs/felhom-sign" guest "$1" --host host-a --guest "$2" --key operator --out "$1.bundle" "${@:3}" 2>>"$log"
}

# kill_in_flight TEXT WORDS: kills the agent once its journal holds the text, and keeps what it leaves.
kill_in_flight() {
    "$programs/felhom-agent" "${@:3}" >>"$log" 2>&1 &
    local id=$!
    until grep -q "$2" state/journal.log; do sleep 0.01; done
    kill -KILL "$id"
    wait "$id" || true
    keep_journal "$1"
}

keep_journal() {
    mkdir -p "$golden/$1"
    without_fill state/journal.log "$golden/$1/journal.log"
}

# without_fill FROM TO: a log's file without the zeros that it is filled ahead with.
without_fill() {
    python3 -c 'import sys; open(sys.argv[2], "wb").write(open(sys.argv[1], "rb").read().rstrip(b"\0"))' "$@"
}

for key in operator recovery; do
    ssh-keygen -q -t ed25519 -N '' -C "$key" -f "$key"
done
cat >signers.json <<END
[{"authorized_key":"$(cat operator.pub)","tag":"operational","key_id":"op-1"},
 {"authorized_key":"$(cat recovery.pub)","tag":"recovery","key_id":"rec-1"}]
END
echo '{}' >config.json
export FELHOM_AGENT_CONFIG=$work/config.json FELHOM_AGENT_PROXMOX_NODE=pve1 FELHOM_AGENT_STATE_DIR=$work/state
export FELHOM_AGENT_DESIRED_SOURCE=file FELHOM_AGENT_DESIRED_PATH=$work/desired.json FELHOM_AGENT_RECONCILE_MODE=enforce
export FELHOM_AGENT_RECONCILE_SETTLE_SECONDS=1 FELHOM_AGENT_HUB_HOST_ID=host-a
FELHOM_AGENT_AUTHZ_SIGNERS=$(tr -d '\n' <signers.json)
export FELHOM_AGENT_AUTHZ_SIGNERS
node

# The agent's own operations: attended, unattended, and those of the selftest.
want 1 '{"vmid":102,"spec":{"memory":1024}}'
agent apply
want 2 '{"vmid":101,"run_state":"stopped"}'
agent run --once
want 3 ''
agent selftest task --vmid 103
agent desired reset-generation

# Every signed operation. felhom-sign knows those of guests; the one of a backup is signed by ssh-keygen.
sign set_config 106 --params '{"set":{"protection":"0"}}'
agent submit set_config.bundle
sign stop 120
agent submit stop.bundle
api lxc/103/snapshot -d snapname=before >>"$log"
sleep 5
sign rollback 103 --params '{"snapshot":"before"}'
agent submit rollback.bundle
sign delete_snapshot 103 --params '{"snapshot":"before"}'
agent submit delete_snapshot.bundle
archive=local:backup/vzdump-lxc-106-2026_11_01-03_00_00.tar.zst
FELHOM_AGENT_AUTHZ_DIGEST_REQUIRED_FOR=guest.destroy
export FELHOM_AGENT_AUTHZ_DIGEST_REQUIRED_FOR
sign restore 130 --params "{\"archive\":\"$archive\"}"
agent submit restore.bundle
api lxc/130/config -X PUT -d delete=protection >>"$log"
python3 - "$archive" >backup-delete.blob <<'END'
import datetime, json, secrets, sys
now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
time = lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ")
print(json.dumps({"v": 1, "op": "backup.delete", "host_id": "host-a", "guest_id": "106", "params": {"volid": sys.argv[1]},
                  "nonce": secrets.token_hex(16), "not_before": time(now),
                  "expires_at": time(now + datetime.timedelta(minutes=15)), "key_id": "op-1"}), end="")
END
"$programs/felhom-sign" canonicalize backup-delete.blob >backup-delete.canonical
ssh-keygen -q -Y sign -n felhom-op-v1 -f operator backup-delete.canonical
python3 - >backup.delete.bundle <<'END'
import json
print(json.dumps({"operation": open("backup-delete.canonical").read(), "signature": open("backup-delete.canonical.sig").read()}))
END
agent submit backup.delete.bundle

# Refused by the node; waiting for a second signature; refused by the agent; brought again; in the drop box.
cp set_config.bundle set_config.kept
sign set_config 105 --params '{"set":{"memory":"512"}}'
cp set_config.bundle state/signed-ops/denied.bundle
mv set_config.kept set_config.bundle
agent run --once
sign destroy 130 --expect-digest "$(digest_of 130)"
FELHOM_AGENT_AUTHZ_QUORUM=guest.destroy=operational+recovery agent submit destroy.bundle
cp destroy.bundle set_config.bundle state/signed-ops/
echo 'no bundle' >state/signed-ops/broken.bundle

# Killed while the task of a signed operation runs; what it left is taken up by the next.
kill_in_flight killed-signed :vzdestroy: run --once
agent run --once

# Killed in the middle of a pass; the node that comes back knows nothing of the task.
want 4 '{"vmid":103,"run_state":"running"},{"vmid":104,"run_state":"stopped"}'
tasks=$(grep -c '"record":"task"' state/journal.log)
"$programs/felhom-agent" apply >>"$log" 2>&1 &
id=$!
until [ "$(grep -c '"record":"task"' state/journal.log)" -gt "$tasks" ]; do sleep 0.005; done
kill -KILL "$id"
wait "$id" || true
keep_journal killed-pass
kill "$node_id"
node
FELHOM_AGENT_RECONCILE_PARK_AFTER=1 agent run --once
FELHOM_AGENT_RECONCILE_PARK_AFTER=1 agent run --once
keep_journal parked
for open in $("$programs/felhom-agent" --json ops list | python3 -c '
import json, sys
for one in json.load(sys.stdin)["operations"]:
    if one["state"] == "unknown":
        print(one["operation"])'); do
    agent ops ack "$open"
done
agent ops release 103
keep_journal whole
mkdir -p "$golden/results"
cp state/signed-ops/results/* "$golden/results/"
cp state/inventory.json "$golden/"

# A nonce store: two claims, and what was forgotten.
sign destroy 101 --valid 1s --expect-digest "$(digest_of 101)"
verify() {
    agent verify --signers signers.json --host-id host-a --nonce-store nonces --skew 0s "$@"
}
verify --bundle destroy.bundle
sleep 2
verify --bundle stop.bundle
verify --bundle rollback.bundle
mkdir -p "$golden/nonce-store" "$golden/bundles"
without_fill nonces "$golden/nonce-store/nonces"
sign destroy 101 --expect-digest "$(digest_of 101)"
cp ./*.bundle "$golden/bundles/"
cp signers.json "$golden/"

# What is kept of a hub.
mkdir -p hub/host-a
: >hub.out
echo k-golden >hub/host-a/key
want 50 '{"vmid":102,"spec":{"memory":2048}}'
cp desired.json hub/host-a/
"$programs/felhom-hub-sim" hub --port 0 --certificate hub.pem >>hub.out &
children+=("$!")
until grep -q '^url' hub.out; do sleep 0.05; done
FELHOM_AGENT_HUB_URL=$(awk '/^url/ {print $2}' hub.out)
export FELHOM_AGENT_HUB_URL FELHOM_AGENT_HUB_API_KEY=k-golden FELHOM_AGENT_HUB_CA_FILE=$work/hub.pem
FELHOM_AGENT_DESIRED_SOURCE=hub FELHOM_AGENT_RECONCILE_INTERVAL_SECONDS=5 "$programs/felhom-agent" run >>"$log" 2>&1 &
id=$!
until [ -e state/hub-desired.json ]; do sleep 0.1; done
sleep 1
kill "$id"
wait "$id" || true
unset FELHOM_AGENT_HUB_URL FELHOM_AGENT_HUB_API_KEY FELHOM_AGENT_HUB_CA_FILE
mkdir -p "$golden/hub"
cp state/hub-*.json "$golden/hub/"

# A journal that has begun a new file: full of notes, until a pass begins the next.
export FELHOM_AGENT_JOURNAL_SEGMENT_MEBIBYTES=1 FELHOM_AGENT_AUTHZ_SKEW_SECONDS=0
sign stop 120 --valid 2s
agent submit stop.bundle
for _ in {1..5000}; do
    agent desired reset-generation
done
want 51 ''
agent run --once
keep_journal rotated
head -n 100 "$golden/rotated/journal.log" >rotated
mv rotated "$golden/rotated/journal.log"
