# SPDX-License-Identifier: Apache-2.0
# What the checks share. Each check takes the tree to look at as its argument (default: this repository), prints one
# line for each fault, and ends with 1 if there was any. They need no more than the base system: bash, find, awk.
set -euo pipefail
export LC_ALL=C

checks=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$checks/../.." && pwd)
tree=${repository}

# Lists the files of the tree, rooted at it, whose names match one of the patterns.
files() {
    local pattern names=()
    for pattern in "$@"; do names+=(-o -name "$pattern"); done
    (cd "$tree" && find . \( -name .git -o -path ./build \) -prune -o -type f \( "${names[@]:1}" \) -print |
        sed 's|^\./||' | sort)
}

# Says how a check ended: NAME, how many files it looked at, the faults in a file. No file at all is a fault too.
conclude() {
    local name=$1 looked_at=$2 faults=$3
    if [[ $looked_at -eq 0 ]]; then
        echo "$name: found nothing to look at in $tree"
        return 1
    fi
    if [[ -s $faults ]]; then
        cat "$faults"
        echo "$name: $(wc -l <"$faults") faults in $looked_at files"
        return 1
    fi
    echo "$name: $looked_at files, no fault"
}
