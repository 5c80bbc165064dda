# What bench/measure is written with. Sets: work, a directory that goes when the script ends.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ticks=$(getconf CLK_TCK)

say() { echo "... $*" >&2; }
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
calculate() { awk "BEGIN { printf \"%.${2:-2}f\", ($1) }"; }

# row WHAT VALUE UNIT RATIO OF BOUND: the ratio is what is compared between machines and commits. BOUND is what it must
# keep to, as "<= 1.2" or ">= 3", or empty.
row() {
  local verdict=
  [ -z "$6" ] || verdict=$(awk "BEGIN { print ($4 $6) ? \"\" : \"MISSED\" }")
  printf '%-58s %10s %-8s %8s %-30s %-8s %s\n' "$1" "$2" "$3" "$4" "$5" "$6" "$verdict"
}

# in_backend SQL ...: runs the statements in one session; prints their output, then the CPU seconds of the last one
# and the peak memory of the session in MB. The CPU is what the kernel charges to the backend with all its threads.
in_backend() {
  local statement last=${*: -1}
  {
    echo 'SELECT pg_backend_pid() AS pid \gset'
    echo '\setenv BACKEND :pid'
    for statement in "${@:1:$#-1}"; do echo "$statement;"; done
    # shellcheck disable=SC2016  # awk's and psql's own variables
    echo '\! awk "{ print \$14 + \$15 }" /proc/$BACKEND/stat >'"$work/before"
    echo "$last;"
    # shellcheck disable=SC2016
    echo '\! awk "{ print \$14 + \$15 }" /proc/$BACKEND/stat >'"$work/after"
    # shellcheck disable=SC2016
    echo '\! awk "/VmHWM/ { print int(\$2 / 1024) }" /proc/$BACKEND/status >'"$work/peak"
  } | sql
  echo "$(calculate "($(cat "$work/after") - $(cat "$work/before")) / $ticks" 3) $(cat "$work/peak")"
}

# cpu_of SQL ...: CPU seconds of the last statement
cpu_of() { in_backend "$@" | tail -n 1 | cut -d ' ' -f 1; }

# run_pgbench CLIENTS SCRIPT: p50 and p99 of its transactions in microseconds, and how many a second, without the first
# of each client.
run_pgbench() {
  rm -f "$work"/log.*
  pgbench -n -M prepared -D warm=0 -c "$1" -j "$1" -T 8 -f "$work/$2.sql" -l --log-prefix="$work/log" postgres >"$work/pgbench.out" 2>&1 ||
    { cat "$work/pgbench.out" >&2; exit 1; }
  cat "$work"/log.* | awk 'seen[$1]++ { print $3, $1 }' | sort -n |
    awk '{ at[NR] = $1; n[$2]++; time[$2] += $1 }
      END { for (c in n) rate += n[c] / time[c] * 1e6; print at[int(NR * .5) + 1], at[int(NR * .99) + 1], int(rate) }'
}

# median_ms SQL: of the time of the statement, the first of its connection, in twenty fresh ones
median_ms() {
  for _ in $(seq 20); do
    sql -c '\timing on' -c "$1" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
  done | sort -n | sed -n 10p
}
