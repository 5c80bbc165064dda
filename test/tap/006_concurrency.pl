# Many sessions at once: trainings of one model and of several, a crowd that is served while versions switch, cache
# files that are built once, and that vanish with their version and not before.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_server('crowd');
install($node);
make_ratings($node);

# Two sessions train one model: the second is refused, the first is not disturbed.
my ($one, $two) = (session($node), session($node));
my $long = q{SELECT version FROM train_mf('ratings', 'm', iterations => 10000)};
run_in_session($one, $long);
$node->poll_query_until('postgres', 'SELECT count(*) = 1 FROM personalize.progress WHERE iteration > 0');
like(ask($two, q{SELECT train_mf('ratings', 'm')}), qr/ERROR:  model "m" is being trained or changed by another session/,
    'a second training of the same model is refused');
is(ask($two, q{SELECT version FROM train_mf('ratings', 'n')}), 1, 'a training of another model is not');
is(ask($two, 'SELECT count(*) FROM personalize.progress'), 1, 'the first still runs');
ask($two, 'SELECT pg_cancel_backend(pid) FROM personalize.progress');
like(outcome($one), qr/canceling statement/, 'until it is cancelled');
is(ask($two, q{SELECT version FROM train_mf('ratings', 'm')}), 1, 'then the model can be trained');

# A claim lasts until the end of the transaction, for changes of every kind.
ask($one, q{BEGIN; SELECT train_mf('ratings', 'm', seed => 9)});
for my $change (q{train_mf('ratings', 'm')}, q{drop_model('m')}, q{activate_model('m', 1)}, q{grant_model('m', 'public')}) {
    like(ask($two, "SELECT $change"), qr/is being trained or changed by another session/, "$change is refused meanwhile");
}
is(ask($two, q{SELECT version FROM personalize.models WHERE model = 'm' AND active}), 1, 'readers see the version before');
ask($one, 'ROLLBACK');
is(ask($two, q{SELECT max(version) FROM personalize.models WHERE model = 'm'}), 1, 'and go on seeing it after a rollback');

# Trainings of several models at once.
my @sessions = map { session($node) } 1 .. 4;
run_in_session($sessions[$_], "SELECT version FROM train_mf('ratings', 'model $_', seed => $_, iterations => 50)") for 0 .. 3;
is(outcome($_), 1, 'models trained at once') for @sessions;
is($node->safe_psql('postgres', "SELECT version FROM train_mf('ratings', 'alone', seed => 2, iterations => 50)"), 1, 'and one alone');
is($node->safe_psql('postgres', sprintf($answers, 'model 2')), $node->safe_psql('postgres', sprintf($answers, 'alone')),
    'do not disturb one another');

# A crowd that misses at once builds one file: held up in front of the blocks until all of them are there.
remove_cache($node);
ask($one, 'BEGIN; LOCK TABLE personalize.model_block IN ACCESS EXCLUSIVE MODE');
my @crowd = map { session($node) } 1 .. 12;
run_in_session($_, q{SELECT count(*) FROM recommend_for(1, 10, 'm')}) for @crowd;
ok($node->poll_query_until('postgres', q{SELECT count(*) = 11 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'}),
    'of sessions that miss at once all but one wait');
ask($one, 'ROLLBACK');
is(outcome($_), 10, 'a session that has missed is served') for @crowd;
my %inodes;
$inodes{$_}++ for map { mapped_cache(pid_of($_)) } @crowd;
is(join(' ', values %inodes), 12, 'all of them map the same file');
is(scalar(cache_files($node)), 1, 'and no other is there');
$_->quit for @crowd;

# Files vanish with their versions when that is committed, and stay when it is rolled back.
my $exists = sub { -e $_[0] ? 'there' : 'gone' };
my $file = cache_path($node, 'm');
is($exists->($file), 'there', 'the cache file is there');
ask($one, q{BEGIN; SELECT drop_model('m'); ROLLBACK});
is($exists->($file), 'there', 'a drop that is rolled back leaves it');
ask($one, q{BEGIN; SAVEPOINT s; SELECT drop_model('m'); ROLLBACK TO s; COMMIT});
is(ask($one, q{SELECT count(*) FROM recommend_for(1, 10, 'm')}), 10, 'after a drop in a savepoint that is rolled back the model serves');
ask($one, q{BEGIN; SELECT drop_model('m')});
is($exists->($file), 'there', 'a drop leaves it until it is committed');
is(ask($two, q{SELECT count(*) FROM recommend_for(1, 10, 'm')}), 10, 'and other sessions are served until then');
ask($one, 'COMMIT');
is($exists->($file), 'gone', 'then it vanishes');
like(ask($two, q{SELECT count(*) FROM recommend_for(1, 10, 'm')}), qr/model "m" does not exist/, 'and nobody is served');

ask($one, q{SELECT train_mf('ratings', 'm', seed => 1); SELECT count(*) FROM recommend_for(1, 10, 'm')});
$file = cache_path($node, 'm');
ask($one, q{SELECT train_mf('ratings', 'm', seed => 2)});
is($exists->($file), 'there', 'the file of the version before stays, for a rollback');
ask($one, q{BEGIN; SELECT train_mf('ratings', 'm', seed => 3); ROLLBACK});
is($exists->($file), 'there', 'a pruning that is rolled back leaves it');
ask($one, q{SELECT train_mf('ratings', 'm', seed => 3)});
is($exists->($file), 'gone', 'the file of a pruned version vanishes');

# A repeatable-read session keeps its version, even when it must build the file again.
my $sql = sprintf($answers, 'm');
ask($one, q{BEGIN ISOLATION LEVEL REPEATABLE READ});
my $kept = ask($one, $sql);
ask($two, q{SELECT train_mf('ratings', 'm', seed => 4); SELECT train_mf('ratings', 'm', seed => 5); SELECT train_mf('ratings', 'm', seed => 6)});
remove_cache($node);
isnt(ask($two, $sql), $kept, 'a new version is served');
is(ask($one, $sql), $kept, 'a repeatable-read session keeps its version');
run_in_session($sessions[0], q{BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM personalize.models; SELECT 'ready'});
outcome($sessions[0]);
my $here = ask($two, $sql);
ask($two, q{SELECT train_mf('ratings', 'm', seed => 7); SELECT train_mf('ratings', 'm', seed => 8); SELECT train_mf('ratings', 'm', seed => 9)});
is(ask($sessions[0], $sql), $here, 'and reads a pruned version that it had not loaded from its snapshot');
ask($_, 'COMMIT') for $one, $sessions[0];
is(ask($_, $sql), ask($two, $sql), 'then it follows') for $one, $sessions[0];

# 50 sessions are served while versions switch: no error, and every answer is that of one version as a whole.
$node->safe_psql('postgres', q{
  CREATE FUNCTION answer(u bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(item_id || ':' || score, ' ' ORDER BY score DESC, item_id) FROM recommend_for(u, 10, 'm') $$;
  CREATE TABLE right_answer (u bigint, seed integer, answer text);
  DO $$ BEGIN
    FOR s IN 1 .. 3 LOOP
      PERFORM train_mf('ratings', 'm', seed => s);
      INSERT INTO right_answer SELECT u, s, answer(u) FROM generate_series(1, 200) u;
    END LOOP;
  END $$;
  CREATE INDEX ON right_answer (u);
  CREATE TABLE seen (seed integer);
  CREATE FUNCTION check_answer(who bigint) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE got text; matching integer;
  BEGIN
    SELECT a INTO got FROM answer(who) a;
    SELECT seed INTO matching FROM right_answer r WHERE r.u = who AND r.answer = got;
    IF NOT FOUND THEN RAISE 'user % got the answer of no version: %', who, got; END IF;
    IF random() < .05 THEN INSERT INTO seen VALUES (matching); END IF;
  END $$});
is($node->safe_psql('postgres', 'SELECT count(DISTINCT (u, answer)) FROM right_answer'), 600, 'versions answer each user differently');
my $switches = 0;
my $script = PostgreSQL::Test::Utils::tempdir() . '/serve.sql';
append_to_file($script, "\\set u random(1, 200)\nSELECT check_answer(:u);\n");
my $bench = IPC::Run::start(
    [ 'pgbench', '-n', '-c', 50, '-j', 2, '-T', 6, '-h', $node->host, '-p', $node->port, '-f', $script, 'postgres' ],
    '>', \my $output, '2>', \my $errors);
my $until = time + 6;
while (time < $until) {
    ask($two, sprintf(q{SELECT train_mf('ratings', 'm', seed => %d)}, 1 + $switches++ % 3));
    ask($two, q{SELECT activate_model('m', max(version) - 1) FROM personalize.models WHERE model = 'm'}) if $switches % 5 == 0;
}
$bench->finish;
is($errors =~ /(ERROR.*|abort.*|FATAL.*)/ ? $1 : '', '', '50 sessions are served without an error while versions switch');
like($output, qr/transactions actually processed: \d{3,}/, 'many calls') and note($output =~ /(.*processed.*)/);
cmp_ok($switches, '>', 3, "versions switched $switches times");
cmp_ok($node->safe_psql('postgres', 'SELECT count(DISTINCT seed) FROM seen'), '>', 1, 'answers came of several versions');
cmp_ok(scalar(cache_files($node)), '<=', 9, 'and files of old versions are gone');

# A temporary source is its own session's; others are served what was stored.
ask($one, q{CREATE TEMP TABLE fleeting AS SELECT * FROM ratings; SELECT train_mf('fleeting', 'fleeting')});
is(ask($two, q{SELECT string_agg(DISTINCT reason, ' ') FROM recommend_for(1, 10, 'fleeting')}), 'personal',
    'a superuser is served a model of a temporary table of another session');

# Without the indexes of the store the active version is served all the same.
ask($two, q{SELECT train_mf('ratings', 'm', factors => 2); SELECT train_mf('ratings', 'm', factors => 3); SELECT train_mf('ratings', 'm', factors => 4)});
ask($two, q{SELECT activate_model('m', max(version) - 1) FROM personalize.models WHERE model = 'm'});
{
    local $ENV{PGOPTIONS} = '-c ignore_system_indexes=on -c client_min_messages=error';
    is($node->safe_psql('postgres', q{SELECT DISTINCT array_length(factor, 1) FROM item_factors('m')}), 3, 'found without an index');
    ask($two, q{SELECT activate_model('m', max(version)) FROM personalize.models WHERE model = 'm'});
    is($node->safe_psql('postgres', q{SELECT DISTINCT array_length(factor, 1) FROM item_factors('m')}), 4, 'and when another is active');
}

$_->quit for $one, $two, @sessions;
$node->stop;
done_testing();
