#!/usr/bin/env bash
# Makes the reusable workflows fit for GitHub Enterprise Server, in a clone of a mirror of this repository that lies there:
#
#   build/enterprise-server.sh OWNER/REPO && git commit -am "Workflows for this server" && git push
#
# That server resolves no '$/…', which names what lies beside a workflow at the same commit: actions are named by the mirror and the commit that is
# checked out now. Nor does it know 'deployment: false': without it the runner makes a record of its own for each deploy, beside that of the tool.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
repository=${1:?"Name the mirror: OWNER/REPO"}
[[ $repository =~ ^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$ ]] || { echo "'$repository' is not of the form OWNER/REPO." >&2; exit 64; }
commit=$(git rev-parse --verify HEAD)

for workflow in .github/workflows/kubeapp-*.yml; do
  sed -e "s|uses: \\\$/\(actions/[a-z-]*\)\$|uses: $repository/\1@$commit|" -e '/^ *deployment: false$/d' "$workflow" > "$workflow.new"
  mv "$workflow.new" "$workflow"
  echo "$workflow: actions of $repository at $commit"
done
