#!/bin/sh
# Makes the environment of the PySpark peer: make.sh FOLDER. Needs python3 and a Java of 17 or later on the PATH.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if cmp -s "$here/requirements.txt" "$1/ready"; then exit 0; fi
python3 -m venv "$1"
"$1/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
cp "$here/requirements.txt" "$1/ready"
