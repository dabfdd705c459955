#!/usr/bin/env bash
# npm run schema [-- --check]: makes schema.js and schema.d.ts from schema.proto.
#   --check  writes nothing; exits with 1 if a committed file differs from the generated one
#            (test/recording/schema.test.ts)
set -eu
cd "$(dirname "$0")/.."
proto=src/recording/format/schema.proto
folder=src/recording/format/generated
out=$folder
if [ "${1:-}" = --check ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi
node_modules/.bin/pbjs -t static-module -w esm -d \
  --no-create --no-verify --no-convert --no-delimited --no-service --no-typeurl -o "$out/schema.js" "$proto"
[ "$out" = "$folder" ] && exit 0
status=0
for file in schema.js schema.d.ts; do
  cmp "$out/$file" "$folder/$file" >&2 || status=1
done
[ $status = 0 ] || echo "schema: $proto and what is made from it differ: npm run schema" >&2
exit $status
