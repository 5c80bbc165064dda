# Cancel, timeout, terminate and a client that goes away end a training, a bulk recommendation and the building of
# a cache file at once, and leave nothing behind: no row, no file, no thread, no memory.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Utils;
use Test::More;
use List::Util qw(min);

my $node = start_server('cancel', conf => "client_connection_check_interval = 50ms");
install($node);
make_ratings($node);
install_stop($node);
my $version = $node->safe_psql('postgres', 'SHOW server_version_num');

# Sources that keep a training busy in one phase: endless rows; many rows in no order; and few, for many iterations.
$node->safe_psql('postgres', q{
  CREATE TABLE many AS SELECT abs(hashint8extended(k, 1)) % 100000 AS user_id,
      abs(hashint8extended(k, 2)) % 5000 AS item_id, 1::real AS rating FROM generate_series(1, 1000000) k;
  CREATE INDEX ON many (user_id);
} . 'CREATE VIEW endless AS ' . join(' UNION ALL ', ('SELECT * FROM many') x 60) . q{;

  -- How many ms of CPU a statement takes beyond what its threads can take until the timeout.
  CREATE FUNCTION overshoot(statement text, timeout_ms integer) RETURNS double precision LANGUAGE plpgsql AS $$
  DECLARE before double precision := cpu_ms(pg_backend_pid());
  BEGIN
    EXECUTE statement;
    RAISE 'it ended before the timeout';
  EXCEPTION WHEN query_canceled THEN
    RETURN cpu_ms(pg_backend_pid()) - before - timeout_ms * current_setting('personalize.threads')::integer;
  END $$});

my %train = (
    reading  => q{SELECT train_mf('endless', 'stopped')},
    building => q{SELECT train_mf('many', 'stopped', iterations => 1000)},
    training => q{SELECT train_mf('ratings', 'stopped', iterations => 10000)},
    blocks   => q{SELECT train_mf('ratings', 'stopped', iterations => 10000, factors => 512)},
    sgd      => q{SELECT train_mf('many', 'stopped', iterations => 10000, feedback => 'explicit', solver => 'sgd')},
);
my %phase = (reading => 'reading', building => 'building', training => 'training', blocks => 'training', sgd => 'training');
my $observer = session($node);
my $bound = 250;

sub nothing_is_left {
    my ($what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is(ask($observer, q{SELECT (SELECT count(*) FROM personalize.model), (SELECT count(*) FROM personalize.model_block),
                               (SELECT count(*) FROM personalize.progress),
                               (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')}),
        '0|0|0|0', "$what: no row, no progress, no lock");
    is(join(' ', cache_files($node)), '', "$what: no cache file");
}

# Cancel: each phase, inline and with threads, three times; the session works on.
for my $threads (1, 2) {
    for my $what (sort keys %train) {
        my $session = session($node);
        my $pid = pid_of($session);
        ask($session, "SET personalize.threads = $threads");
        my @ms;
        for (1 .. 3) {
            run_in_session($session, $train{$what});
            push @ms, stop($observer, $pid, $phase{$what}, 'false');
            like(outcome($session), qr/canceling statement due to user request/, "$what, $threads threads: cancelled");
            is(ask($session, 'SELECT 1'), 1, "$what, $threads threads: the session works after cancel");
            is(threads_of($pid), 1, "$what, $threads threads: no thread is left");
        }
        my $name = sprintf '%s, %d threads: cancelled within %.0f ms of CPU', $what, $threads, median(@ms);
        cmp_ok(median(@ms), '<', $bound, $name);
        note("$name: @ms");
        $session->quit;
    }
}
nothing_is_left('cancel');

# Terminate: the process is gone.
for my $what (sort keys %train) {
    my @ms;
    for (1 .. 3) {
        my $session = session($node);
        my $pid = pid_of($session);
        ask($session, 'SET personalize.threads = 2');
        run_in_session($session, $train{$what});
        push @ms, stop($observer, $pid, $phase{$what}, 'true');
        ok(wait_until(sub { !-e "/proc/$pid" }), "$what: the terminated backend is gone");
        eval { $session->quit };
    }
    my $name = sprintf '%s: terminated within %.0f ms of CPU', $what, median(@ms);
    cmp_ok(median(@ms), '<', $bound, $name);
    note("$name: @ms");
}
nothing_is_left('terminate');

# statement_timeout, inside a subtransaction of a function.
for my $what (sort keys %train) {
    my $statement = $train{$what} =~ s/'/''/gr;
    my $timeout = $what eq 'building' ? 500 : 200;
    my $ms = median(map { $node->safe_psql('postgres',
        "SET personalize.threads = $_; SET statement_timeout = $timeout; SELECT overshoot('$statement', $timeout)") } 1, 2, 1);
    cmp_ok($ms, '<', $bound, sprintf('%s: statement_timeout takes effect within %.0f ms of CPU', $what, $ms));
}
nothing_is_left('statement_timeout');

# A training that waits for another session to let it write.
{
    my ($session, $blocker) = (session($node), session($node));
    my $pid = pid_of($session);
    ask($blocker, 'BEGIN; LOCK TABLE personalize.model_block IN SHARE MODE');
    run_in_session($session, q{SELECT train_mf('ratings', 'stopped')});
    cmp_ok(stop($observer, $pid, 'Lock', 'false'), '<', $bound, 'writing: cancelled');
    ask($blocker, 'ROLLBACK');
    like(outcome($session), qr/canceling statement due to user request/, 'writing: the error says so');
    is(ask($session, 'SELECT 1'), 1, 'writing: the session works after cancel');
    nothing_is_left('writing');
    $_->quit for $session, $blocker;
}

# A client that goes away.
{
    my $session = session($node);
    my $pid = pid_of($session);
    ask($session, 'SET personalize.threads = 2');
    run_in_session($session, $train{training});
    $node->poll_query_until('postgres', "SELECT count(*) > 0 FROM personalize.progress WHERE phase = 'training'");
    $session->{run}->kill_kill(grace => 0);
    ok(wait_until(sub { !-e "/proc/$pid" }, 5), 'a training ends when its client goes away');
    nothing_is_left('disconnect');
}

SKIP: {
    skip 'transaction_timeout is of PostgreSQL 17', 2 if $version < 170000;
    my ($code, $output, $error) = $node->psql('postgres',
        "SET personalize.threads = 2; SET transaction_timeout = '200ms'; $train{training}");
    like($error, qr/transaction timeout/, 'transaction_timeout ends a training');
    nothing_is_left('transaction_timeout');
}

# Memory does not grow over trainings that are stopped at any moment.
{
    my $session = session($node);
    my $pid = pid_of($session);
    my $stopped = 0;
    my $rounds = sub {
        for my $timeout (map { 20 + 10 * $_ } 1 .. 8) {
            for my $what (qw(reading training blocks sgd)) {
                ask($session, "SET statement_timeout = $timeout");
                $stopped++ if ask($session, $train{$what}) =~ /statement timeout/;
                ask($session, 'RESET statement_timeout');
            }
        }
        return memory_of($pid);
    };
    ask($session, 'SET personalize.threads = 2');
    my @memory = map { $rounds->() } 1 .. 4;
    is($stopped, 128, 'many trainings are stopped');
    # What the allocator keeps may step up once; a leak grows in every round.
    my $growth = min(map { $memory[$_] - $memory[$_ - 1] } 1 .. 3);
    cmp_ok($growth, '<', 1000, "memory does not grow over them (kB after each round: @memory)");
    is(threads_of($pid), 1, 'no thread is left of them');
    $session->quit;
    nothing_is_left('repeated timeouts');
}

# Bulk recommendation and the building of a cache file.
$node->safe_psql('postgres', q{SELECT train_mf('many', iterations => 1)});
{
    for my $threads (1, 2) {
        my $session = session($node);
        my $pid = pid_of($session);
        ask($session, "SET personalize.threads = $threads");
        my @ms;
        for (1 .. 3) {
            run_in_session($session, 'SELECT count(*) FROM recommend_all(100)');
            push @ms, stop($observer, $pid, 'active', 'false');
            like(outcome($session), qr/canceling statement due to user request/, "recommend_all, $threads threads: cancelled");
            is(ask($session, 'SELECT 1'), 1, "recommend_all, $threads threads: the session works after cancel");
            is(threads_of($pid), 1, "recommend_all, $threads threads: no thread is left");
        }
        cmp_ok(median(@ms), '<', $bound,
            sprintf('recommend_all, %d threads: cancelled within %.0f ms of CPU', $threads, median(@ms)));
        $session->quit;
    }

    # One session builds and waits for the blocks, another waits for the first; stopped, the next one builds.
    remove_cache($node);
    my ($blocker, $builder, $waiter) = map { session($node) } 1 .. 3;
    my ($building, $waiting) = (pid_of($builder), pid_of($waiter));
    ask($blocker, 'BEGIN; LOCK TABLE personalize.model_block IN ACCESS EXCLUSIVE MODE');
    run_in_session($builder, 'SELECT count(*) FROM recommend_for(1)');
    $node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_locks WHERE NOT granted});
    run_in_session($waiter, 'SELECT count(*) FROM recommend_for(1)');
    $node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'});
    cmp_ok(stop($observer, $building, 'Lock', 'false'), '<', $bound, 'building a cache file: cancelled');
    ok($node->poll_query_until('postgres',
        qq{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = $waiting}),
        'building a cache file: the next one builds');
    cmp_ok(stop($observer, $waiting, 'Lock', 'false'), '<', $bound, 'waiting for a cache file: cancelled');
    is(join(' ', cache_files($node)), '', 'stopped builds leave no file');
    ask($blocker, 'ROLLBACK');
    outcome($_) for $builder, $waiter;
    is(ask($_, 'SELECT count(*) FROM recommend_for(1)'), 10, 'after a stopped build the model serves') for $builder, $waiter;
    is(scalar(cache_files($node)), 1, 'from one cache file');
    $_->quit for $blocker, $builder, $waiter;

    # Stopped at any moment of a build.
    my $session = session($node);
    for my $timeout (1, 2, 4, 8, 16, 32, 64) {
        remove_cache($node);
        $node->psql('postgres', "SET statement_timeout = $timeout; SELECT count(*) FROM recommend_for(1)");
        my @left = grep { /\.\d+$/ && !/\.[0-9a-f]{32}$/ } cache_files($node);
        is("@left", '', "a build stopped after $timeout ms leaves no temporary file");
    }
    is(ask($session, 'SELECT count(*) FROM recommend_for(1)'), 10, 'and the model serves');
    $session->quit;
}

# Every kind of model: cancelled while it trains, one that is there goes on.
remove_cache($node);
make_long_sources($node);
train_kinds($node);
my %before = served($node);
my @files = cache_files($node);
for my $kind (@kinds) {
    my $phase = $kind->{phase} // 'training';
    for my $threads (1, 2) {
        my $what = "$kind->{name}, $threads threads";
        my $session = session($node);
        my $pid = pid_of($session);
        ask($session, "SET personalize.threads = $threads");
        my @ms;
        for my $model ('stopped', $kind->{name}, 'stopped') {
            run_in_session($session, train_long($kind, $model));
            push @ms, stop($observer, $pid, $phase, 'false');
            like(outcome($session), qr/canceling statement due to user request/, "$what: cancelled");
        }
        cmp_ok(median(@ms), '<', $bound, sprintf('%s: cancelled within %.0f ms of CPU', $what, median(@ms)));
        note("$what: @ms");
        is(threads_of($pid), 1, "$what: no thread is left");
        is(ask($session, q{SELECT (SELECT count(*) FROM personalize.model WHERE model = 'stopped' OR version > 1),
            (SELECT count(*) FROM personalize.progress), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')}),
            '0|0|0', "$what: no version, no progress, no lock, and the session works");
        $session->quit;
    }
}
is_deeply([ cache_files($node) ], \@files, 'no cache file is left of any kind');
my %after = served($node);
is($after{$_}, $before{$_}, "the model of kind $_ serves as before") for sort keys %before;

$observer->quit;
$node->stop;
done_testing();
