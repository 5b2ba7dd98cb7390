#!/bin/sh
# 安装代码生成工具: the pinned tools into a folder of their own (FOLDER PYTHON), anew where a lock changed.
# Node and a JDK are the machine's: on a desk the tests say what is missing, in CI they are installed.
set -eu
folder=$1 python=$2
here=$(dirname "$0")

missing=""
command -v npm >/dev/null 2>&1 || missing="nodejs npm"
command -v javac >/dev/null 2>&1 || missing="$missing default-jdk-headless"
if [ -n "$missing" ] && [ "${CI:-}" = true ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "正在安装 / installing: $missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # several packages
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
        echo '安装失败 / not installed' >&2
fi

skipped() {
    echo "没有装上 $1，相应的测试跳过 / $1 is not installed, its tests are skipped" >&2
    [ "${CI:-}" != true ]
}

mkdir -p "$folder"
if ! cmp -s "$here/requirements.lock" "$folder/requirements.lock"; then
    rm -rf "$folder/python"
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --python "$python" "$folder/python" &&
            uv pip install --quiet --python "$folder/python/bin/python" --require-hashes -r "$here/requirements.lock"
    else
        "$python" -m venv "$folder/python" &&
            "$folder/python/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
                -r "$here/requirements.lock"
    fi && cp "$here/requirements.lock" "$folder/" || skipped 'openapi-python-client …'
fi
if command -v npm >/dev/null 2>&1 && ! cmp -s "$here/package-lock.json" "$folder/node/installed.json"; then
    mkdir -p "$folder/node"
    cp "$here/package.json" "$here/package-lock.json" "$folder/node/"
    (cd "$folder/node" && npm ci --silent --ignore-scripts --no-audit --no-fund &&
        cp package-lock.json installed.json) || skipped 'ajv, openapi-typescript'
fi
