#!/usr/bin/env bash
# Packs everything that is published (with symbols) into artifacts/packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rm -rf artifacts/packages
for project in KubeApps.Spec KubeApps.MSBuild KubeApps.Templates KubeApps.Cli; do
  dotnet pack "src/$project/$project.csproj" --configuration Release --output artifacts/packages --nologo -v quiet "$@"
done
ls -1 artifacts/packages
