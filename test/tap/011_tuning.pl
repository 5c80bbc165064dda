# tune_mf commits each trial: others watch it, and what is finished stays when the tuning is stopped in any way.
# Evaluations can be stopped like trainings.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_server('tuning', conf => 'restart_after_crash = on');
install($node);
make_ratings($node, users => 3000, items => 1000, per_user => 40);
install_stop($node);
my $observer = session($node);
my $bound = 250;

sub trials {
    my ($model) = @_;
    return ask($observer, "SELECT count(*) FROM personalize.tuning_trials WHERE model = '$model'");
}
sub wait_for_trials {
    my ($model, $count) = @_;
    $node->poll_query_until('postgres', "SELECT count(*) >= $count FROM personalize.tuning_trials WHERE model = '$model'")
      or die "no trials of $model";
}
# No model, nothing running, no lock, no thread.
sub nothing_runs {
    my ($model, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is(ask($observer, qq{SELECT (SELECT count(*) FROM personalize.model WHERE model = '$model'), (SELECT count(*) FROM personalize.progress),
                               (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')}), '0|0|0', "$what: no model, no progress, no lock");
}
my $endless = "trials => 10000, budget => NULL";

# Cancel.
for my $threads (1, 2) {
    my $session = session($node);
    my $pid = pid_of($session);
    my $model = "cancelled$threads";
    ask($session, "SET personalize.threads = $threads");
    run_in_session($session, "CALL tune_mf('ratings', '$model', $endless)");
    wait_for_trials($model, 3);
    pass("$threads threads: another session sees the trials while they are made");
    like(ask($observer, "SELECT phase FROM personalize.progress WHERE pid = $pid"), qr/^(tuning|training)$/, "$threads threads: and what runs");
    my $ms = stop($observer, $pid, 'tuning', 'false');
    cmp_ok($ms, '<', $bound, sprintf('%d threads: cancelled within %.0f ms of CPU', $threads, $ms));
    like(outcome($session), qr/canceling statement due to user request/, "$threads threads: the error says so");
    cmp_ok(trials($model), '>=', 3, "$threads threads: finished trials stay");
    nothing_runs($model, "$threads threads");
    is(threads_of($pid), 1, "$threads threads: no thread is left");
    is(ask($session, 'SELECT 1'), 1, "$threads threads: the session works");
    ask($session, "CALL tune_mf('ratings', '$model', trials => 1)");
    is(ask($observer, "SELECT array_agg(DISTINCT run ORDER BY run) FROM personalize.tuning_trials WHERE model = '$model'"), '{1,2}',
        "$threads threads: the next run is another");
    ask($session, "SELECT drop_model('$model')");
    $session->quit;
}

# Terminate, statement_timeout and kill -9.
{
    my $session = session($node);
    my $pid = pid_of($session);
    run_in_session($session, "CALL tune_mf('ratings', 'terminated', $endless)");
    wait_for_trials('terminated', 2);
    cmp_ok(stop($observer, $pid, 'tuning', 'true'), '<', $bound, 'terminated');
    cmp_ok(trials('terminated'), '>=', 2, 'terminated: finished trials stay');
    nothing_runs('terminated', 'terminated');
}
{
    my ($code, $output, $error) = $node->psql('postgres', "SET statement_timeout = '1500ms'; CALL tune_mf('ratings', 'timed', $endless)");
    like($error, qr/canceling statement due to statement timeout/, 'statement_timeout ends a tuning');
    cmp_ok(trials('timed'), '>=', 1, 'statement_timeout: finished trials stay');
    nothing_runs('timed', 'statement_timeout');
}
{
    my $session = session($node);
    my $pid = pid_of($session);
    run_in_session($session, "CALL tune_mf('ratings', 'killed', $endless)");
    wait_for_trials('killed', 2);
    ok(kill_backend($node, $pid), 'the server comes back after kill -9');
    $observer->quit;
    $observer = session($node);
    cmp_ok(trials('killed'), '>=', 2, 'kill -9: finished trials stay');
    nothing_runs('killed', 'kill -9');
}

# While it runs nobody else trains, tunes or drops the model; the table may be dropped.
{
    my ($session, $other) = map { session($node) } 1 .. 2;
    $node->safe_psql('postgres', 'CREATE TABLE gone AS SELECT * FROM ratings');
    run_in_session($session, "CALL tune_mf('gone', 'shared', trials => 6, budget => NULL)");
    wait_for_trials('shared', 1);
    like(ask($other, $_), qr/model "shared" is being trained or changed by another session/, "refused meanwhile: $_")
      for q{SELECT train_mf('ratings', 'shared')}, q{CALL tune_mf('ratings', 'shared', trials => 1)}, q{SELECT drop_model('shared')};
    is(ask($other, 'DROP TABLE gone'), '', 'the table can be dropped meanwhile');
    unlike(outcome($session), qr/ERROR/, 'the tuning ends well');
    is(ask($observer, "SELECT version FROM personalize.models WHERE model = 'shared' AND active"), 1, 'with the model');
    like(ask($other, q{SET client_min_messages = warning; SELECT version FROM train_mf('ratings', 'shared', factors => 4, iterations => 1)}),
        qr/^2$/, 'then others may train it again');
    $_->quit for $session, $other;
}

# Memory does not grow over tunings that are stopped.
{
    my $session = session($node);
    my $pid = pid_of($session);
    my $rounds = sub {
        for my $timeout (map { 200 + 50 * $_ } 1 .. 6) {
            ask($session, "SET statement_timeout = $timeout");
            ask($session, "CALL tune_mf('ratings', 'grown', $endless)");
            ask($session, 'RESET statement_timeout');
        }
        return memory_of($pid);
    };
    my @memory = map { $rounds->() } 1 .. 3;
    cmp_ok($memory[2] - $memory[1], '<', 4000, "memory does not grow over them (kB after each round: @memory)");
    $session->quit;
}

# The trials are in the dump.
{
    $node->safe_psql('postgres', 'CREATE DATABASE copy');
    my $before = $node->safe_psql('postgres', 'SELECT md5(string_agg(t::text, chr(10) ORDER BY model, run, trial)) FROM personalize.tuning_trials t');
    my $dump = $node->basedir . '/dump.sql';
    $node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', $dump ], 'dumped');
    $node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('copy'), '-f', $dump ], 'restored');
    is($node->safe_psql('copy', 'SELECT md5(string_agg(t::text, chr(10) ORDER BY model, run, trial)) FROM personalize.tuning_trials t'), $before, 'the trials are in the dump');
}

# Evaluations are stopped like trainings.
$node->safe_psql('postgres', q{
  CREATE TABLE wide AS SELECT abs(hashint8extended(k, 1)) % 30000 AS user_id, abs(hashint8extended(k, 2)) % 20000 AS item_id, 1::real AS rating FROM generate_series(1, 400000) k;
  CREATE INDEX ON wide (user_id);
  CREATE VIEW known AS SELECT * FROM wide WHERE NOT in_holdout(user_id, item_id, .2);
  CREATE VIEW held_out AS SELECT * FROM wide WHERE in_holdout(user_id, item_id, .2);
  SELECT train_mf('known', 'wide', factors => 256, iterations => 1)});
my %long = (
    evaluate_model => q{SELECT count(*) FROM evaluate_model('wide', 'held_out', 100)},
    candidates     => q{SELECT count(*) FROM evaluate_model('wide', 'held_out', 100, candidates => 15000)},
    cross_validate => q{SELECT count(*) FROM cross_validate('wide', options => '{"factors": 256, "iterations": 1}', k => 100)},
    holdout        => q{SELECT train_mf('wide', 'held out', factors => 256, iterations => 1, holdout => .2, k => 100)},
);
for my $what (sort keys %long) {
    for my $threads (1, 2) {
        my $session = session($node);
        my $pid = pid_of($session);
        ask($session, "SET personalize.threads = $threads");
        run_in_session($session, $long{$what});
        my $ms = stop($observer, $pid, 'evaluating', 'false');
        cmp_ok($ms, '<', $bound, sprintf('%s, %d threads: cancelled within %.0f ms of CPU', $what, $threads, $ms));
        like(outcome($session), qr/canceling statement due to user request/, "$what, $threads threads: the error says so");
        is(threads_of($pid), 1, "$what, $threads threads: no thread is left");
        nothing_runs('held out', "$what, $threads threads");
        $session->quit;
    }
}

$observer->quit;
$node->stop;
done_testing();
