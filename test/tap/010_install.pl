# The extension in a schema of its own, dropped and created again, and databases that are dropped.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_server('install');
$node->safe_psql('postgres', 'CREATE DATABASE other');

# In another schema, with nothing of it on the search_path.
$node->safe_psql('postgres', 'CREATE SCHEMA "Rec"; CREATE EXTENSION personalize SCHEMA "Rec"');
make_ratings($node);
is($node->safe_psql('postgres', q{SELECT version FROM "Rec".train_mf('ratings', 'm')}), 1, 'trains in another schema');
is($node->safe_psql('postgres', q{SELECT count(*) FROM "Rec".recommend_for(1, 10, 'm')}), 10, 'serves there');
is($node->safe_psql('postgres', q{SET search_path = pg_catalog; SELECT count(*) FROM "Rec".recommend_for(1, 10, 'm')}), 10,
    'whatever the search_path');
is($node->safe_psql('postgres', q{SELECT round("Rec".cosine_sim(x, 2 * x)::numeric, 6) FROM generate_series(1, 5) x}), '1.000000',
    'as do aggregates');
is($node->safe_psql('postgres', q{SELECT nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'personalize'}),
    'Rec', 'it is where it was asked to be');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT nspname, ' ' ORDER BY nspname) FROM pg_depend d
      JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid JOIN pg_namespace n ON n.oid = pronamespace
     WHERE d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'personalize')}), 'Rec personalize',
    'and nowhere else but in personalize');
fails_with($node, 'ALTER EXTENSION personalize SET SCHEMA public', '0A000', 'does not support SET SCHEMA', 'it stays there');
is($node->safe_psql('postgres', sprintf('SET search_path = public, "Rec"; ' . $answers, 'm')) =~ /^\w{32}$/, 1, 'all of it answers');

# Dropped and created again, in sessions that have used it.
my ($one, $two) = map { session($node) } 1, 2;
my $before = ask($one, q{SET search_path = public, "Rec"; SELECT string_agg(item_id::text, ' ') FROM recommend_for(1, 10, 'm')});
ask($two, q{SET search_path = public, "Rec"; SELECT count(*) FROM recommend_for(1, 10, 'm')});
unlike(ask($one, 'DROP EXTENSION personalize'), qr/ERROR/, 'it can be dropped');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_namespace WHERE nspname = 'personalize'}), 0, 'with its schema');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_proc WHERE probin LIKE '%personalize%'}), 0, 'and its functions');
like(ask($two, q{SELECT count(*) FROM recommend_for(1, 10, 'm')}), qr/ERROR:  function recommend_for/, 'then nothing is served');
unlike(ask($one, 'CREATE EXTENSION personalize'), qr/ERROR/, 'it can be created again');
like(ask($two, q{SELECT count(*) FROM recommend_for(1, 10, 'm')}), qr/model "m" does not exist/, 'without models');
is(ask($one, q{SELECT version FROM train_mf('ratings', 'm')}), 1, 'and trains from the start');
is(ask($_, q{SELECT string_agg(item_id::text, ' ') FROM recommend_for(1, 10, 'm')}), $before, 'to the same answers') for $one, $two;
ask($one, 'BEGIN; DROP EXTENSION personalize; ROLLBACK');
is(ask($_, q{SELECT string_agg(item_id::text, ' ') FROM recommend_for(1, 10, 'm')}), $before, 'which stay after a drop that is rolled back')
  for $one, $two;
is(scalar(cache_files($node)), 1, 'the file of the model dropped with the extension went with the next build');
fails_with($node, 'DROP SCHEMA personalize CASCADE', '2BP01', 'extension personalize requires it', 'its schema cannot be dropped alone');

# A database that is dropped leaves at most files that the next start removes.
install($node, 'other');
make_ratings($node, database => 'other');
is($node->safe_psql('other', q{SELECT version FROM train_mf('ratings', 'm')}), 1, 'another database has models of its own');
is($node->safe_psql('other', q{SELECT count(*) FROM recommend_for(1, 10, 'm')}), 10, 'and serves them');
is(scalar(cache_files($node)), 2, 'from files of its own');
ask($one, q{SELECT train_mf('ratings', 'm'); SELECT train_mf('ratings', 'm'); SELECT count(*) FROM recommend_for(1, 10, 'm')});
my $other = cache_path($node, 'm', 'other');
ok(-e $other, 'which builds in one database leave alone in another');
$node->safe_psql('postgres', 'DROP DATABASE other');
is(ask($one, q{SELECT count(*) FROM recommend_for(1, 10, 'm')}), 10, 'dropping a database does not disturb others');
$_->quit for $one, $two;
$node->restart;
ok(!-e $other, 'its file is gone after the next start');
is($node->safe_psql('postgres', q{SELECT string_agg(item_id::text, ' ') FROM recommend_for(1, 10, 'm')}), $before, 'the others serve');

# A database made from this one has the models, too.
command_ok([ 'createdb', '-h', $node->host, '-p', $node->port, '-T', 'postgres', 'twin' ], 'a copy of the database');
is($node->safe_psql('twin', q{SELECT string_agg(item_id::text, ' ') FROM recommend_for(1, 10, 'm')}), $before, 'answers the same');
is($node->safe_psql('twin', q{SELECT drop_model('m')}) . $node->safe_psql('postgres', q{SELECT count(*) FROM recommend_for(1, 10, 'm')}), 10,
    'and is apart from the first');

$node->stop;
done_testing();
