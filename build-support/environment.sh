# Finds interpreters and makes environments, for ./stepsmith, ./pants and the scripts beside this file (which source it).
#
# Everything lies under one cache folder: environments/ (one per content of its locks), tools/ (uv, Pants), pythons/
# (interpreters that uv fetched), uv/ (uv's own cache). A folder is made aside under a lock and renamed when it is whole,
# so two commands at once, or one killed in the middle, do no harm. bash 3.2 will do, and nothing but a Python is needed.

project=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${STEPSMITH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stepsmith}
[[ $cache == /* ]] || cache=$PWD/$cache
locks=$project/3rdparty/python

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# key FILE...: a name for the contents of files; sets $key.
key() { key=$(cat -- "$@" | cksum) && key=${key// /-}; }

# use_environment NAME LOCK...: sets $environment to a virtual environment that holds exactly the packages of the locks.
bytecode=--compile-bytecode # Empty: only what is imported is compiled, then.
use_environment() {
  local name=$1 && shift
  key "$@"
  environment=$cache/environments/$name-$key
  [[ -x $environment/bin/python ]] || make_whole "$environment" install_environment "$@"
}

# use_infra: sets $environment to the one that makes Terraform. Of the AWS provider's 4,000 modules it imports twenty:
# compiling them all would take a minute and 250 MB.
use_infra() { bytecode= use_environment infra "$locks/infra.lock"; }

install_environment() { # FOLDER LOCK...
  local folder=$1 lock requirements=() started=$SECONDS && shift
  use_python 3.12
  use_uv
  say "Installing $(cat "$@" | grep -c '==') packages (once, about 20 seconds) ..."
  for lock; do requirements+=(-r "$lock"); done
  "$uv" venv --quiet --python "$python" "$folder"
  "$uv" pip install --quiet --python "$folder/bin/python" --require-hashes ${bytecode:+"$bytecode"} "${requirements[@]}"
  say "Installed in $((SECONDS - started)) s, into $cache"
}

# make_whole FOLDER COMMAND ARGUMENT...: runs `COMMAND aside ARGUMENT...` unless the folder is there, then renames aside to it.
make_whole() {
  local folder=$1 aside=$1.partial command=$2 && shift 2
  mkdir -p "$(dirname "$folder")" || die "Cannot write to $cache: set STEPSMITH_CACHE to a folder that can be written."
  (
    hold_lock "$folder.lock"
    [[ ! -d $folder ]] || exit 0
    rm -rf "$aside"
    "$command" "$aside" "$@"
    mv "$aside" "$folder"
  )
}

# hold_lock FILE: waits until no other process holds it; the lock ends with this (sub)shell and what it started.
hold_lock() {
  exec 9>"$1"
  any_python
  "$some_python" -c "import fcntl
try: fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError: print('Waiting for another process that installs the same ...', file=__import__('sys').stderr, flush=True); fcntl.flock(9, fcntl.LOCK_EX)"
}

# use_python VERSION: sets $python to a CPython of this version; asks uv for one when there is none.
use_python() {
  python=$(find_python "$1")
  [[ $python ]] || { fetch_python "$1" && python=$(find_python "$1"); }
  [[ $python ]] || die "CPython $1 is missing and could not be fetched: install python$1 (with pyenv, uv or your system's packages)."
}

find_python() { # VERSION
  local candidate
  python_candidates "$1" | while IFS= read -r candidate; do
    # A shim may be there and not work, so it must answer; what it answers is the interpreter behind it.
    "$candidate" -I -c "import os, sys
if sys.implementation.name == 'cpython' and '%d.%d' % sys.version_info[:2] == '$1': print(os.path.realpath(sys._base_executable))" 2>/dev/null </dev/null
  done | head -n 1 || true
}

python_candidates() { # VERSION
  local file
  type -ap "python$1" python3 || true
  for file in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/"python$1" \
    "$cache"/pythons/cpython-"$1".*/bin/"python$1" \
    "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/uv/python}"/cpython-"$1".*/bin/"python$1" \
    /opt/homebrew/bin/"python$1" /usr/local/bin/"python$1"; do
    [[ ! -x $file ]] || printf '%s\n' "$file"
  done
}

fetch_python() { # VERSION
  use_uv
  say "CPython $1 was not found here: fetching it ..."
  UV_PYTHON_INSTALL_DIR=$cache/pythons "$uv" python install --quiet --no-bin "$1" >&2
}

# any_python: sets $some_python to any Python 3 that answers, to start with.
any_python() {
  local version
  [[ -z ${some_python:-} ]] || return 0
  for version in 3.12 3.9 3.13 3.14 3.11 3.10; do
    some_python=$(find_python "$version")
    [[ -z $some_python ]] || return 0
  done
  die "No Python was found: install python3.12 (with pyenv, uv or your system's packages)."
}

# use_uv: sets $uv to the pinned uv, from PyPI by its hash.
use_uv() {
  key "$locks/uv.lock"
  export UV_CACHE_DIR=$cache/uv UV_NO_PROGRESS=1 UV_LINK_MODE=hardlink
  unset VIRTUAL_ENV CONDA_PREFIX
  [[ -d $cache/tools/uv-$key ]] || make_whole "$cache/tools/uv-$key" install_uv
  uv=$cache/tools/uv-$key/bin/uv
}

install_uv() { # FOLDER
  any_python
  say "Fetching uv ..."
  "$some_python" -I -m pip --version >/dev/null 2>&1 || die "$some_python has no pip: install it (on Debian and Ubuntu: python3-pip)."
  "$some_python" -I -m pip install --quiet --target "$1" --only-binary :all: --require-hashes --no-deps -r "$locks/uv.lock" \
    --disable-pip-version-check --no-warn-script-location --root-user-action ignore
}
