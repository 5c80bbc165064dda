# personalize.progress: other sessions see a training move through its phases; roles see their own only; a row vanishes
# with its training, however that ends.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_server('progress');
install($node);
make_ratings($node);
my $rows = 200000;
$node->safe_psql('postgres', qq{
  CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE watcher LOGIN IN ROLE pg_read_all_stats; CREATE ROLE chief LOGIN IN ROLE alice;
  GRANT SELECT ON ratings TO PUBLIC;
  -- Rows that take their time: reading is seen.
  CREATE TABLE plain AS SELECT k % 1000 AS user_id, k % 777 AS item_id, 1::real AS rating FROM generate_series(1, $rows) k;
  CREATE FUNCTION slowly(bigint) RETURNS real LANGUAGE plpgsql AS 'BEGIN IF \$1 % 10000 = 0 THEN PERFORM pg_sleep(.02); END IF; RETURN 1; END';
  CREATE VIEW slow AS SELECT user_id, item_id, slowly(row_number() OVER ()) AS rating FROM plain;
  GRANT SELECT ON slow TO PUBLIC; CREATE DATABASE elsewhere});
install($node, 'elsewhere');

# All that another session sees of one training, as it moves.
my ($trainer, $observer) = (session($node, 'postgres', '-U', 'alice'), session($node));
my $pid = pid_of($trainer);
run_in_session($trainer, q{SELECT version FROM train_mf('slow', 'a model', iterations => 60, factors => 100)});
my (@phases, @iterations, @read, @loss);
for (1 .. 20000) {
    my $line = ask($observer, 'SELECT pid, model, phase, iteration, iterations, loss, rows_read, started <= clock_timestamp() FROM personalize.progress');
    if ($line eq '') { last if @phases; next }
    my ($who, $model, $phase, $iteration, $iterations, $loss, $read, $started) = split /\|/, $line;
    is("$who $model $started", "$pid a model t", 'whose training, of what') if !@phases;
    push @phases, $phase if !@phases || $phases[-1] ne $phase;
    push @read, $read if !@read || $read[-1] != $read;
    if ($iteration ne '' && $iteration > 0) {
        if (!@iterations || $iterations[-1] != $iteration) { push @iterations, $iteration; push @loss, $loss }
        $iterations == 60 or fail("of $iterations iterations");
    }
}
is(outcome($trainer), 1, 'the training ends');
my $order = join ' ', @phases;
ok('starting reading building training writing' =~ ('^.*' . join('.*', @phases) . '.*$') && $order =~ /reading.*training/,
    "its phases come in order: $order");
is("@read", join(' ', sort { $a <=> $b } @read), "rows are counted: @read");
is($read[-1], $rows, 'up to all of them');
cmp_ok(scalar(@read), '>', 2, 'while they are read');
cmp_ok(scalar(@iterations), '>', 3, 'iterations are seen');
is("@iterations", join(' ', sort { $a <=> $b } @iterations), 'and go up');
is(join(' ', @loss), join(' ', sort { $b <=> $a } @loss), 'while the loss goes down');
is(ask($observer, 'SELECT count(*) FROM personalize.progress'), 0, 'after it there is no row');

# Who sees it.
run_in_session($trainer, q{SELECT train_mf('ratings', repeat('é', 60), iterations => 10000)});
$node->poll_query_until('postgres', 'SELECT count(*) = 1 FROM personalize.progress WHERE iteration > 0');
my $count = sub { $node->safe_psql($_[1] // 'postgres', 'SELECT count(*) FROM personalize.progress', extra_params => [ '-U', $_[0] ]) };
is($count->('alice'), 1, 'its own role sees it');
is($count->('chief'), 1, 'a member of that role sees it');
is($count->('watcher'), 1, 'a member of pg_read_all_stats sees it');
is($count->('bob'), 0, 'another role does not');
is($node->safe_psql('elsewhere', 'SELECT count(*) FROM personalize.progress'), 0, 'nor does another database');
is(ask($observer, 'SELECT model FROM personalize.progress'), 'é' x 31, 'a long name is cut off between characters');

# Several at once, and their ends.
my @others = map { session($node) } 1 .. 3;
run_in_session($others[$_], "SELECT train_mf('ratings', 'm$_', iterations => 10000)") for 0 .. 2;
ok($node->poll_query_until('postgres', 'SELECT count(*) = 4 FROM personalize.progress'), 'each training has a row');
ask($observer, "SELECT pg_cancel_backend(pid) FROM personalize.progress WHERE model = 'm0'");
like(outcome($others[0]), qr/canceling/, 'one is cancelled');
is(ask($observer, 'SELECT count(*) FROM personalize.progress'), 3, 'and its row is gone');
ask($observer, "SELECT pg_terminate_backend(pid, 5000) FROM personalize.progress WHERE model = 'm1'");
is(ask($observer, 'SELECT count(*) FROM personalize.progress'), 2, 'one is terminated, and its row is gone');
ask($observer, 'SELECT pg_cancel_backend(pid) FROM personalize.progress');
outcome($_) for $trainer, $others[2];
like(ask($trainer, q{SELECT train_mf('ratings', 'bad', rating_column => 'item_id', positive_from => 1e9)}), qr/ERROR/, 'one fails');
is(ask($observer, 'SELECT count(*) FROM personalize.progress'), 0, 'and no row is left');

# All slots taken: a training goes on unseen.
my @many = map { session($node) } 1 .. 66;
run_in_session($many[$_], "SELECT train_mf('ratings', 'many $_', iterations => 10000)") for 0 .. 65;
ok($node->poll_query_until('postgres', 'SELECT count(*) = 64 FROM personalize.progress'), '64 trainings are shown');
is(ask($observer, q{SELECT version FROM train_mf('ratings', 'unseen', iterations => 2)}), 1, 'more go on unseen');
ask($observer, q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%''many %' AND pid <> pg_backend_pid()});
like(outcome($_), qr/canceling/, 'cancelled') for @many;
is(ask($observer, 'SELECT count(*) FROM personalize.progress'), 0, 'no row is left of them');

eval { $_->quit } for $trainer, $observer, @others, @many;
$node->stop;
done_testing();
