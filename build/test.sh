#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs all tests. Ends with a line "N passed, N failed, N skipped".
#
#   build/test.sh                   everything
#   build/test.sh KubeApps.Core     only the test projects whose name contains this
#
# Real parts are installed where the machine has apt-get; elsewhere (macOS, Windows with Git Bash) tests that need an absent one skip
# and say so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
filter=${1:-}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

install_real_parts() {
  command -v apt-get >/dev/null || return 0
  local missing=() sudo=''
  command -v docker-registry >/dev/null || missing+=(docker-registry)
  command -v skopeo >/dev/null || missing+=(skopeo)
  command -v wrk >/dev/null || missing+=(wrk)
  command -v diff >/dev/null || missing+=(diffutils)
  # They build the Dockerfile images of tests; runc where crun cannot run.
  command -v podman >/dev/null || missing+=(podman)
  command -v buildah >/dev/null || missing+=(buildah)
  command -v runc >/dev/null || missing+=(runc)
  command -v kubectl >/dev/null || missing+=(kubernetes-client)
  command -v zsh >/dev/null || missing+=(zsh)
  command -v fish >/dev/null || missing+=(fish)
  # They make of the tool a program without a runtime.
  command -v clang >/dev/null || missing+=(clang)
  [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
  # They check and execute the actions and workflows.
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  command -v shellcheck >/dev/null || missing+=(shellcheck)
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null && sudo='sudo -n' || {
      echo "Not installed, for want of rights: ${missing[*]}. Tests that need them are skipped."
      return 0
    }
  fi
  echo "Installing: ${missing[*]}"
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# GitHub's and AWS's own descriptions of their APIs, and what holds requests against them; with what is installed already, this takes no time.
install_descriptions() {
  command -v npm >/dev/null || return 0
  local folder
  for folder in tests/KubeApps.GitHub.StandIn tests/KubeApps.Aws.StandIn; do
    [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && continue
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  done
}

install_real_parts
install_descriptions

dotnet build KubeApps.Tooling.sln --tl:off -v minimal -nodeReuse:false

# The tool as users of this system have it. Tests that start it as a process start this one.
unset KUBEAPPS_TEST_TOOL
if command -v clang >/dev/null; then
  runtime=$(dotnet --info | awk '$1 == "RID:" { print $2 }')
  dotnet pack build/Packages.proj --tl:off -v minimal -nodeReuse:false "-p:ToolRuntimes=$runtime" -p:NativeTool=true
  # Apart: the tests of packages pack again.
  rm -rf artifacts/test-tool && cp -r "artifacts/publish/KubeApps.Cli/release_$runtime" artifacts/test-tool
  export KUBEAPPS_TEST_TOOL="$PWD/artifacts/test-tool/dotnet-kubeapp"
fi

results=artifacts/test-results
rm -rf "$results" && mkdir -p "$results"
failed_projects=0
for project in tests/*"$filter"*/*.Tests.csproj; do
  name=$(basename "$project" .csproj)
  # One project at a time: several of them start real servers and builds, and machines are small.
  dotnet test --project "$project" --no-build --no-ansi --no-progress 2>&1 | tee "$results/$name.log" || failed_projects=$((failed_projects + 1))
done

count() { { grep -hE "^ +$1: [0-9]+" "$results"/*.log || true; } | awk '{ sum += $2 } END { print sum + 0 }'; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
# A project that crashed or ran nothing counts as a failure even where it counted none.
[ "$failed_projects" -gt 0 ] && [ "$failed" -eq 0 ] && failed=$failed_projects

{ grep -hE "^skipped " "$results"/*.log || true; } | sed 's/^/  /'
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
