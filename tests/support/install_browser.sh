#!/bin/sh
# 为浏览器测试准备 Chromium 与中文字体: where there is no browser and we may install packages, do.
# Elsewhere the browser tests say what is missing: they skip on a desk and fail in CI.
set -eu

if [ -n "${DUIJIE_TEST_BROWSER:-}" ]; then
    exit 0
fi
for name in chromium chromium-browser google-chrome google-chrome-stable chrome \
    chromium-headless-shell; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo '没有 Chromium，浏览器测试将不能运行；请安装 chromium，或设置 DUIJIE_TEST_BROWSER。' >&2
    echo 'no Chromium: browser tests cannot run; install chromium or set DUIJIE_TEST_BROWSER' >&2
    exit 0
fi
echo '正在安装 Chromium 与中文字体 / installing Chromium and a Chinese font'
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium \
    fonts-wqy-microhei >/dev/null; }; then
    echo '安装失败，浏览器测试将不能运行 / not installed: browser tests cannot run' >&2
fi
