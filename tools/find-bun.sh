# Sets `bun` to the Bun binary of this checkout; `root` must be set. To be sourced, so that it costs no process.
#
# The npm package `bun` puts the binary in a package for each platform and copies it by an install script, which npm may
# be told not to run. So we look for the binary itself: first where our own install step left a link to the one that
# works here, then in the platform packages, then where Bun's own install script moves it.
bun=
for candidate in "$root"/node_modules/.bin/janus-bun "$root"/node_modules/@oven/bun-linux-*/bin/bun; do
  if [ -x "$candidate" ]; then bun=$candidate; break; fi
done
if [ -z "$bun" ] && [ -x "$root/node_modules/bun/bin/bun.exe" ]; then bun=$root/node_modules/bun/bin/bun.exe; fi
if [ -z "$bun" ]; then
  echo "janus: Bun is missing from $root/node_modules" >&2
  echo "  hint: run 'npm install' in $root (with optional dependencies: they hold the binary)" >&2
  exit 127
fi
