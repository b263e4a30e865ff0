#!/bin/sh
# Runs a command with a Python that has DuckDB: .ci/duckdb.sh node test/run.mjs export/duckdb
#
# Makes a virtual environment once (cached by version) and names its Python in TIDEMARK_DUCKDB_PYTHON. Without Python it prints that it
# skips and exits 0; so too where the installation fails at a desk. With CI=true a failed installation is a failure.
set -eu

VERSION=2.0.1
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/tidemark/duckdb-$VERSION"

if [ $# -eq 0 ]; then
  echo "usage: $0 COMMAND [ARGUMENT..]" >&2
  exit 2
fi

if [ ! -e "$CACHE/ready" ]; then
  if ! command -v python3 >/dev/null 2>&1; then
    echo "skipped: no python3 on the PATH to install DuckDB $VERSION with, so exported Parquet was not read by DuckDB"
    exit 0
  fi
  rm -rf "$CACHE"
  if ! { python3 -m venv "$CACHE" && "$CACHE/bin/pip" install --quiet --disable-pip-version-check "duckdb==$VERSION"; }; then
    [ "${CI:-}" = true ] && exit 1
    echo "skipped: DuckDB $VERSION could not be installed"
    exit 0
  fi
  touch "$CACHE/ready"
fi

TIDEMARK_DUCKDB_PYTHON="$CACHE/bin/python" exec "$@"
