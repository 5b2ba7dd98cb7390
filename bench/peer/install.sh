#!/bin/sh
# 安装同类软件: the pinned sandbox and client into a folder of their own (FOLDER PYTHON), anew where the lock changed.
set -eu
folder=$1 python=$2
here=$(dirname "$0")

cmp -s "$here/requirements.lock" "$folder/requirements.lock" && exit 0
mkdir -p "$folder"
rm -rf "$folder/python" "$folder/requirements.lock"
if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --python "$python" "$folder/python" &&
        uv pip install --quiet --python "$folder/python/bin/python" --require-hashes -r "$here/requirements.lock"
else
    "$python" -m venv "$folder/python" &&
        "$folder/python/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
            -r "$here/requirements.lock"
fi || { echo '没有装上 MESH sandbox / the MESH sandbox is not installed' >&2; exit 1; }

# Its documentation mounts a list of mailboxes over this file: two for each exchange under way.
boxes=$("$folder/python/bin/python" -c 'import mesh_sandbox.store as it; print(it.__path__[0])')/data/mailboxes.jsonl
: >"$boxes"
for number in $(seq 100 163); do
    for side in SENDER TAKER; do
        echo "{\"mailbox_id\": \"$side$number\", \"mailbox_name\": \"$side\", \"password\": \"password\"}" >>"$boxes"
    done
done
cp "$here/requirements.lock" "$folder/"
