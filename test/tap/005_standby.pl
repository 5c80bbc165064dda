# A streaming standby serves: it builds cache files of its own, follows a retrain and a rollback, refuses to train,
# and trains once it is promoted. A base backup leaves the cache files out.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = start_server('primary', streaming => 1);
install($primary);
make_ratings($primary);
$primary->safe_psql('postgres', q{SELECT train_mf('ratings', 'm')});
my $sql = sprintf($answers, 'm');
my $first = $primary->safe_psql('postgres', $sql);
is(scalar(cache_files($primary)), 1, 'the primary has a cache file');

$primary->backup('base');
is(join(' ', glob($primary->backup_dir . '/base/base/pgsql_tmp/*')), '', 'a base backup leaves the cache files out');

my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

sub follow {
    my $lsn = $primary->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()');
    ok($standby->poll_query_until('postgres', "SELECT pg_last_wal_replay_lsn() >= '$lsn'"), 'the standby follows');
}

# Every serving function, there and here.
my %calls = (
    recommend_for  => q{SELECT * FROM recommend_for(3, 10, 'm')},
    candidates     => q{SELECT * FROM recommend_for(3, 10, 'm', false, ARRAY[1, 2, 3, 4])},
    newcomer       => q{SELECT * FROM recommend_for(-1, 10, 'm')},
    recommend_all  => q{SELECT md5(string_agg(t::text, ' ')) FROM recommend_all(3, 'm') t},
    predict_rating => q{SELECT predict_rating(3, 4, 'm')},
    similar_items  => q{SELECT * FROM similar_items(3, 10, 'm')},
    similar_users  => q{SELECT * FROM similar_users(3, 10, 'm')},
    popular_items  => q{SELECT * FROM popular_items(10, 'm')},
    user_factors   => q{SELECT md5(string_agg(t::text, ' ')) FROM user_factors('m') t},
    item_factors   => q{SELECT md5(string_agg(t::text, ' ')) FROM item_factors('m') t},
    models         => q{SELECT * FROM personalize.models},
    progress       => q{SELECT count(*) FROM personalize.progress},
    evaluate_model => q{SELECT md5(string_agg(t::text, ' ')) FROM evaluate_model('m', 'ratings', exclude_seen => false) t},
    cross_validate => q{SELECT md5(string_agg(t::text, ' ')) FROM cross_validate('ratings', options => '{"factors": 4}', folds => 2) t},
    cosine_sim     => q{SELECT cosine_sim(ARRAY[1, 2]::real[], ARRAY[2, 1]::real[])},
);
follow();
is(join(' ', cache_files($standby)), '', 'the standby has no cache file before it serves');
is($standby->safe_psql('postgres', $sql), $first, 'the standby answers as the primary does');
is(scalar(cache_files($standby)), 1, 'from a cache file of its own');
is($standby->safe_psql('postgres', $calls{$_}), $primary->safe_psql('postgres', $calls{$_}), "$_ on the standby") for sort keys %calls;

# Every kind of model, trained while the standby follows.
train_kinds($primary);
my %kinds = served($primary);
kinds_differ(%kinds);
follow();
my %there = served($standby);
is($there{$_}, $kinds{$_}, "a model of kind $_ answers on the standby as on the primary") for sort keys %kinds;

# Several sessions that miss at once there.
remove_cache($standby);
my @sessions = map { session($standby) } 1 .. 5;
run_in_session($_, $calls{recommend_for}) for @sessions;
outcome($_) for @sessions;
my %inodes = map { $_ => 1 } map { mapped_cache(pid_of($_)) } @sessions;
is(scalar(keys %inodes), 1, 'sessions that miss at once share one file there, too');

# A retrain and a rollback, followed by sessions that are open.
is(ask($sessions[0], $sql), $first, 'an open session has the first version');
$primary->safe_psql('postgres', q{SELECT train_mf('ratings', 'm', seed => 1)});
my $second = $primary->safe_psql('postgres', $sql);
isnt($second, $first, 'the second version answers otherwise');
follow();
is(ask($_, $sql), $second, 'an open session follows the retrain') for @sessions[0, 1];
$primary->safe_psql('postgres', q{SELECT activate_model('m', 1)});
follow();
is(ask($_, $sql), $first, 'an open session follows the rollback') for @sessions[0, 1];
$primary->safe_psql('postgres', q{INSERT INTO ratings SELECT 3, item_id, 5 FROM generate_series(4, 199, 5) item_id});
follow();
is(ask($sessions[0], $calls{recommend_for}), $primary->safe_psql('postgres', $calls{recommend_for}),
    'a rating counts on the standby as soon as it is there');

# What a version's file leaves behind there goes with the next build.
$primary->safe_psql('postgres', q{SELECT train_mf('ratings', 'm', seed => 2); SELECT train_mf('ratings', 'm', seed => 3)});
my $last = $primary->safe_psql('postgres', $sql);
follow();
is($standby->safe_psql('postgres', $sql), $last, 'the standby serves the last version');
is(scalar(cache_files($standby)), 1, 'and files of versions that are no more are gone');

# Nothing is written there.
fails_with($standby, q{SELECT train_mf('ratings', 'm')}, '25006', 'in a read-only transaction', 'no training on a standby');
fails_with($standby, q{CALL tune_mf('ratings', 'm')}, '25006', 'in a read-only transaction', 'no tuning on a standby');
fails_with($standby, "SELECT $_", '25006', 'cannot execute \w+\(\)', "no $_ on a standby")
  for q{drop_model('m')}, q{activate_model('m', 3)}, q{grant_model('m', 'public')}, q{revoke_model('m', 'public')};
is(ask($sessions[2], "BEGIN READ ONLY; $sql; COMMIT"), $last, 'read-only transactions serve');

# Promoted, it trains.
$_->quit for @sessions;
$standby->promote;
is($standby->safe_psql('postgres', q{SELECT version FROM train_mf('ratings', 'm', seed => 4)}), 5, 'promoted, it trains');
isnt($standby->safe_psql('postgres', $sql), $last, 'and serves what it has trained');

train_kinds($standby);
is($standby->safe_psql('postgres', 'SELECT count(*) FROM personalize.models WHERE version = 2 AND active AND model <> $$m$$'),
    scalar(@kinds), 'models of every kind');

$standby->stop;
$primary->stop;
done_testing();
