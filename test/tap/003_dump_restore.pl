# A dump holds the models: restored by a superuser or by the owner of a database, in plain or custom format, they
# answer the same, with their versions and grants; also without the table they were trained on. So it does what was
# logged as shown, and who may log.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_server('dump');
$node->safe_psql('postgres', q{CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE carol LOGIN;
  CREATE DATABASE shop OWNER alice});
my @alice = ('-U', 'alice');

# The owner of the database installs the trusted extension, trains twice and gives one model away.
$node->safe_psql('shop', 'CREATE EXTENSION personalize', extra_params => \@alice);
{
    local $ENV{PGUSER} = 'alice';
    make_ratings($node, database => 'shop');
}
$node->safe_psql('shop', q{
  CREATE TABLE words AS SELECT 'user ' || user_id AS user_id, md5(item_id::text) AS item_id, rating FROM ratings;
  SELECT train_mf('ratings', 'books', seed => 1);
  SELECT train_mf('ratings', 'books', seed => 2, feedback => 'explicit');
  SELECT train_mf('words', 'words', factors => 200, iterations => 2, fold_in => false);
  SELECT grant_model('books', 'bob');
  GRANT SELECT ON ratings TO bob;
  GRANT INSERT ON personalize.impression TO bob}, extra_params => \@alice);
train_kinds($node, database => 'shop', params => \@alice);
my $log = q{INSERT INTO personalize.impression (user_id, item_id, rank, version) VALUES (1, 2, 3, 4)};
$node->safe_psql('shop', $log, extra_params => [ '-U', 'bob' ]);
is($node->safe_psql('shop', q{SELECT extowner::regrole FROM pg_extension WHERE extname = 'personalize'}), 'alice',
    'the extension belongs to the owner of the database, who is no superuser');

my $words = q{SELECT md5(string_agg(u || ':' || item_id || ':' || score, E'\n' ORDER BY u, score DESC, item_id))
  FROM generate_series(1, 20) u, LATERAL recommend_for('user ' || u, 10, 'words')};
my $models = q{SELECT model, version, active, owner, users, items, ratings, options, metrics, trained_at
  FROM personalize.models ORDER BY model, version};
my %before = look('shop');
isnt($before{books}, $before{'books, version 1'}, 'versions differ in what they answer');
kinds_differ(served($node, database => 'shop', params => \@alice));

# What a database answers, as alice; it is left as it was.
sub look {
    my ($database) = @_;
    my $ask = sub { $node->safe_psql($database, $_[0], extra_params => \@alice) };
    my %seen = (models => $ask->($models), books => $ask->(sprintf $answers, 'books'), words => $ask->($words),
        impressions => $ask->('SELECT * FROM personalize.impression'), served($node, database => $database, params => \@alice));
    ($seen{'books, version 1'}) = $ask->(q{BEGIN; SELECT activate_model('books', 1);} . sprintf($answers, 'books') . '; ROLLBACK')
      =~ /([0-9a-f]{32})/;
    return %seen;
}

sub same_models {
    my ($database, $what) = @_;
    my %after = look($database);
    is($after{$_}, $before{$_}, "$what: $_") for sort keys %before;
    is($node->safe_psql($database, q{SELECT count(*) FROM recommend_for(1, 10, 'books')}, extra_params => [ '-U', 'bob' ]), 10,
        "$what: the grant is there");
    fails_with($node, q{SELECT * FROM recommend_for('user 1', 10, 'words')}, '42501', 'permission denied for model "words"',
        "$what: and no other", database => $database, params => [ '-U', 'bob' ]);
    $node->safe_psql($database, $log, extra_params => [ '-U', 'bob' ]);
    is($node->safe_psql($database, 'SELECT count(*) FROM personalize.impression', extra_params => \@alice), 2,
        "$what: one who may log what is shown still may");
    fails_with($node, 'SELECT * FROM personalize.impression', '42501', 'permission denied for table impression',
        "$what: and not read it", database => $database, params => [ '-U', 'bob' ]);
}

# Dumped and restored by each of the two, in both formats.
my $directory = PostgreSQL::Test::Utils::tempdir();
my $number = 0;
for my $dumper ('alice', 'superuser') {
    for my $restorer ('alice', 'superuser') {
        my ($plain, $custom) = map { "$directory/$dumper.$_" } 'sql', 'dump';
        my @as = map { $_ eq 'alice' ? [ '-U', 'alice' ] : [] } $dumper, $restorer;
        my @dump = ('pg_dump', '-d', $node->connstr('shop'), @{ $as[0] });
        if ($restorer eq 'alice') {
            command_ok([ @dump, '-f', $plain ], "plain dump by $dumper");
            command_ok([ @dump, '-Fc', '-f', $custom ], "custom dump by $dumper");
        }
        for my $file ($plain, $custom) {
            my $format = $file =~ /sql$/ ? 'plain' : 'custom';
            my $database = 'restored' . ++$number;
            my $what = "$format, dumped by $dumper, restored by $restorer";
            $node->safe_psql('postgres', "CREATE DATABASE $database OWNER alice");
            my @to = ('-d', $node->connstr($database), @{ $as[1] });
            # What alice may not do is set the owner of what a superuser's dump says is the superuser's: nothing here.
            command_ok($format eq 'plain'
                ? [ 'psql', '-XqAt', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', @to, '-f', $file ]
                : [ 'pg_restore', '--exit-on-error', @to, $file ], "$what: no error");
            same_models($database, $what);
        }
    }
}

# In a restored database life goes on.
my $last = "restored$number";
my $result = $node->safe_psql($last, q{SELECT version FROM train_mf('ratings', 'books');
  SELECT activate_model('books', 2); SELECT drop_model('words'); SELECT count(*) FROM personalize.models WHERE model IN ('books', 'words')},
    extra_params => \@alice);
is($result, "3\n\n\n2", 'a restored model can be trained, rolled back and dropped');

# Without the table of the ratings, what was stored at training serves.
$node->safe_psql('postgres', 'CREATE DATABASE without OWNER alice');
command_ok([ 'pg_dump', '-d', $node->connstr('shop'), '-T', 'ratings', '-f', "$directory/without.sql" ], 'dump without the ratings');
command_ok([ 'psql', '-XqAt', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('without'), '-f', "$directory/without.sql" ],
    'restore without the ratings');
is($node->safe_psql('without', $words), $before{words}, 'the model that serves what was stored is the same');
is($node->safe_psql('without', q{SELECT count(*), min(reason) FROM recommend_for(1, 10, 'books')}), '10|personal',
    'a model whose source is absent serves what was stored');
is($node->safe_psql('without', q{SELECT string_agg(item_id::text, ' ' ORDER BY score DESC, item_id) FROM recommend_for(1, 10, 'books')}),
    $node->safe_psql('shop', q{SELECT string_agg(item_id::text, ' ' ORDER BY score DESC, item_id) FROM recommend_for(1, 10, 'books')}),
    'which is what folding in finds where nothing has changed');

# A role that is no more: only a superuser may use its models.
$node->safe_psql('shop', 'GRANT CREATE ON SCHEMA public TO carol; GRANT SELECT ON ratings TO carol');
$node->safe_psql('shop', q{SELECT train_mf('ratings', 'hers')}, extra_params => [ '-U', 'carol' ]);
$node->safe_psql('postgres', 'ALTER ROLE carol RENAME TO caroline');
fails_with($node, q{SELECT * FROM recommend_for(1, 10, 'hers')}, '42501', 'permission denied for model "hers"',
    "a model whose owner is no role: not for $_", database => 'shop', params => [ '-U', $_ ]) for 'alice', 'caroline';
is($node->safe_psql('shop', q{SELECT count(*) FROM recommend_for(1, 10, 'hers')}), 10, 'but for a superuser');
is($node->safe_psql('shop', q{SELECT count(*) FROM personalize.models WHERE model = 'hers'}, extra_params => \@alice), 0,
    'nor is it listed for others');
$node->safe_psql('shop', q{SELECT drop_model('hers')});

$node->stop;
done_testing();
