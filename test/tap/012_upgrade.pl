# pg_upgrade takes the models, what was logged and the rights to a server of another release (here of the same, the way is
# one): they answer the same, and life goes on.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $old = start_server('old');
install($old);
make_ratings($old);
train_kinds($old);
$old->safe_psql('postgres', q{
  CREATE ROLE web LOGIN;
  GRANT SELECT ON ratings TO web;
  GRANT INSERT ON personalize.impression TO web;
  SELECT train_mf('ratings', 'books', seed => 1), train_mf('ratings', 'books', seed => 2);
  SELECT grant_model('books', 'web');
  CREATE VIEW best AS SELECT * FROM recommend_all(3, 'books')});
my $log = q{INSERT INTO personalize.impression (user_id, item_id, rank, version) VALUES (1, 2, 3, 4)};
$old->safe_psql('postgres', $log, extra_params => [ '-U', 'web' ]);

my %queries = (
    models     => q{SELECT model, version, active, owner, users, items, ratings, options, metrics, trained_at
                    FROM personalize.models ORDER BY model, version},
    answers    => sprintf($answers, 'books'),
    'as web'   => q{SET ROLE web; SELECT * FROM recommend_for(1, 10, 'books')},
    'in bulk'  => 'SELECT * FROM best ORDER BY user_id, rank',
    logged     => 'SELECT * FROM personalize.impression',
    functions  => q{SELECT md5(string_agg(concat_ws(' ', p.oid::regprocedure, provolatile, proparallel, prosupport, procost, prorows,
                      proacl, obj_description(p.oid, 'pg_proc')), ' ' ORDER BY p.oid::regprocedure::text COLLATE "C"))
                    FROM pg_depend d JOIN pg_proc p ON d.objid = p.oid WHERE deptype = 'e' AND classid = 'pg_proc'::regclass
                     AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'personalize')},
);
sub look {
    my ($node) = @_;
    return (served($node), map { ($_, $node->safe_psql('postgres', $queries{$_})) } keys %queries);
}
my %before = look($old);
$old->stop;

my $new = start_server('new');
$new->stop;
chdir $new->basedir or die;
my $programs = $new->config_data('--bindir');
command_ok([ 'pg_upgrade', '-b', $programs, '-B', $programs, '-d', $old->data_dir, '-D', $new->data_dir, '-s', $new->host,
    '-p', $old->port, '-P', $new->port ], 'pg_upgrade ends well');
$new->start;

my %after = look($new);
is($after{$_}, $before{$_}, "the same after the upgrade: $_") for sort keys %before;
$new->safe_psql('postgres', $log, extra_params => [ '-U', 'web' ]);
is($new->safe_psql('postgres', 'SELECT count(*) FROM personalize.impression'), 2, 'who may log what is shown still may');
fails_with($new, 'SELECT * FROM personalize.impression', '42501', 'permission denied for table impression', 'and not read it',
    params => [ '-U', 'web' ]);
is($new->safe_psql('postgres', q{SELECT version FROM train_mf('ratings', 'books'); SELECT activate_model('books', 2)}), "3\n",
    'a model can be trained and rolled back');
is($new->safe_psql('postgres', sprintf($answers, 'books')), $before{answers}, 'to what it answered');
$new->safe_psql('postgres', 'DROP VIEW best; DROP EXTENSION personalize; CREATE EXTENSION personalize');
is($new->safe_psql('postgres', q{SELECT version FROM train_mf('ratings')}), 1, 'the extension can be dropped and created again');

$new->stop;
done_testing();
