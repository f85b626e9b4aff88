#!/bin/sh
# 安装 Whistle，不联网，不需要 root。 / Installs Whistle without network and without root.
#
#   sh install.sh [FOLDER]      default: ~/.local/share/whistle/program
#
# Needs CPython 3.11, 3.12 or 3.13 on Linux with glibc, x86_64 or aarch64; no pip, no ensurepip.
# PYTHON=/path/to/python3 sh install.sh   takes that Python.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
home=${1:-${XDG_DATA_HOME:-$HOME/.local/share}/whistle/program}
links=$HOME/.local/bin

stop() {
    echo "$1" >&2
    exit 1
}

fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
python=
[ -n "${PYTHON:-}" ] && set -- "$PYTHON" || set -- python3.13 python3.12 python3.11 python3
for candidate; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$fits" >/dev/null 2>&1; then
        python=$(command -v "$candidate")
        break
    fi
done
[ -n "$python" ] || [ -z "${PYTHON:-}" ] ||
    stop "PYTHON=$PYTHON 不是可用的 Python 3.11–3.13 / is no Python 3.11, 3.12 or 3.13 that runs here"
[ -n "$python" ] ||
    stop "找不到 Python 3.11–3.13 / no Python 3.11, 3.12 or 3.13 here; name one: PYTHON=/path/to/python3 sh install.sh"

(cd "$here" && sha256sum --quiet --check SHA256SUMS) ||
    stop "文件与校验和不符，请重新拷贝 / the files are not those of SHA256SUMS: copy the archive again"

echo "安装到 / installing into $home ($python)"
"$python" -m venv --without-pip --clear "$home" ||
    stop "无法建立环境，原因见上 / the environment cannot be made, the reason stands above"
# pip runs from its own wheel: a Debian without python3-venv has none to give
pip=$(ls "$here"/wheels/pip-*.whl)
"$home/bin/python" "$pip/pip" --quiet --disable-pip-version-check --no-cache-dir install \
    --no-index --find-links "$here/wheels" "whistle${WHISTLE_EXTRAS:-}" ||
    stop "安装失败，原因见上 / the installation failed, the reason stands above"

mkdir -p "$links"
ln -sf "$home/bin/whistle" "$links/whistle"
"$links/whistle" --version
echo "完成 / done. 先试 / try first: $links/whistle demo"
case ":$PATH:" in
*":$links:"*) ;;
*) echo "请将其加入 PATH / put it on your PATH: export PATH=\"$links:\$PATH\"" ;;
esac
