#!/bin/sh
# Runs a command beside a real S3-compatible server: .ci/versitygw.sh node test/run.mjs store/s3-real
#
# Builds versitygw with Go once (cached by version), starts it on a loopback port over a temporary folder and gives the
# command TIDEMARK_S3_ENDPOINT and the AWS_* variables. The exit code is the command's.
# Without Go it prints that it skips and exits 0; so too where the build fails at a desk (offline, say). With CI=true a failed
# build is a failure, and a server that does not start always is.
set -eu

# Conditional PUTs are atomic from v1.8.0 on; before it, several writers could win.
VERSION=v1.8.0
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/tidemark/versitygw-${VERSION#v}"
SERVER="$CACHE/versitygw"

if [ $# -eq 0 ]; then
  echo "usage: $0 COMMAND [ARGUMENT..]" >&2
  exit 2
fi

if [ ! -x "$SERVER" ]; then
  if ! command -v go >/dev/null 2>&1; then
    echo "skipped: no go on the PATH to build versitygw $VERSION with, so nothing was tested against a real S3 server"
    exit 0
  fi
  echo "building versitygw $VERSION (about two minutes, once)"
  mkdir -p "$CACHE"
  # Built aside and renamed, so that an interrupted build is not taken for a finished one.
  BUILD=$(mktemp -d "$CACHE/build.XXXXXX")
  if ! GOBIN="$BUILD" CGO_ENABLED=0 go install -ldflags='-s -w' "github.com/versity/versitygw/cmd/versitygw@$VERSION"; then
    rm -rf "$BUILD"
    echo "versitygw $VERSION could not be built" >&2
    # Offline at a desk is no defect; on the CI machine it would hide one.
    [ "${CI:-}" = true ] && exit 1
    echo "skipped: nothing was tested against a real S3 server"
    exit 0
  fi
  mv "$BUILD/versitygw" "$SERVER"
  rm -rf "$BUILD"
fi

WORK=$(mktemp -d)
SERVER_PID=
stop() {
  if [ -n "$SERVER_PID" ]; then
    kill "$SERVER_PID" 2>/dev/null || true
    wait "$SERVER_PID" 2>/dev/null || true
  fi
  rm -rf "$WORK"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Made up for this one run; the server listens on loopback only and ends with the command.
export AWS_ACCESS_KEY_ID="tidemark-$$"
export AWS_SECRET_ACCESS_KEY="secret-$$-$(date +%s)"
export AWS_REGION=us-east-1
export AWS_EC2_METADATA_DISABLED=true

# The kernel picks a free port; another program may take it before the server does, hence the tries.
free_port() {
  node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); });'
}

mkdir "$WORK/data"
for attempt in 1 2 3; do
  PORT=$(free_port)
  ROOT_ACCESS_KEY="$AWS_ACCESS_KEY_ID" ROOT_SECRET_KEY="$AWS_SECRET_ACCESS_KEY" \
    "$SERVER" --port "127.0.0.1:$PORT" --quiet --keep-alive posix "$WORK/data" >"$WORK/log" 2>&1 &
  SERVER_PID=$!
  # An unsigned request is refused with a status, which is an answer.
  if node -e '
    const url = process.argv[1];
    let left = 100;
    const ask = () => fetch(url).then(() => process.exit(0), () => (--left > 0 ? setTimeout(ask, 50) : process.exit(1)));
    ask();' "http://127.0.0.1:$PORT/" && kill -0 "$SERVER_PID" 2>/dev/null; then
    export TIDEMARK_S3_ENDPOINT="http://127.0.0.1:$PORT"
    set +e
    "$@"
    code=$?
    set -e
    exit $code
  fi
  kill "$SERVER_PID" 2>/dev/null || true
  wait "$SERVER_PID" 2>/dev/null || true
  SERVER_PID=
done
echo "versitygw $VERSION did not start:" >&2
cat "$WORK/log" >&2
exit 1
