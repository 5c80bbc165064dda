# Calls that fail, calls that succeed and trainings, by the thousand in one session: its memory does not grow.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_server('memory', conf => 'log_min_messages = fatal');
install($node);
make_ratings($node);
$node->safe_psql('postgres', q{
  CREATE ROLE nobody;
  CREATE TABLE words AS SELECT 'user ' || user_id AS user_id, repeat(md5(item_id::text), 100) AS item_id, rating FROM ratings;
  CREATE INDEX ON words (user_id);
  CREATE TABLE nothing (user_id bigint, item_id bigint, rating real);
  CREATE TABLE bad AS SELECT 1 AS user_id, 1 AS item_id, 'infinity'::real AS rating;
  SELECT train_mf('ratings', 'm'); SELECT train_mf('words', 'words'); SELECT train_mf('ratings', 'e', feedback => 'explicit');
  SELECT train_mf('ratings', 'damaged');
  UPDATE personalize.model_block SET bytes = set_byte(bytes, 5000, get_byte(bytes, 5000) # 255)
   WHERE version_id = (SELECT version_id FROM personalize.model WHERE model = 'damaged')});
remove_cache($node);

# Statements that fail, in all ways: arguments, models, rights, data, PostgreSQL's own errors below ours.
my @failing = (
    q{SELECT * FROM recommend_for(1, -1, 'm')},
    q{SELECT * FROM recommend_for(1, 10, 'no such model')},
    q{SELECT * FROM recommend_for('not a number', 10, 'm')},
    q{SELECT * FROM recommend_for('x', 10, 'words', true, ARRAY['a', NULL]), recommend_for('99999999999999999999'::text, 10, 'm')},
    q{SELECT * FROM recommend_for(1, 10, 'damaged')},
    q{SELECT * FROM recommend_for(1, 10, NULL)},
    q{SELECT predict_rating('00000000-0000-0000-0000-00000000000x'::text, 1, 'm')},
    q{SELECT * FROM similar_items('7bf9f9a2-5ac5-4d8a-9ef3-0b4f6e2a0001'::uuid, 10, 'm')},
    q{SELECT train_mf('ratings', factors => 0)},
    q{SELECT train_mf('nothing')},
    q{SELECT train_mf('bad')},
    q{SELECT train_mf('ratings', 'm', user_column => 'absent')},
    q{SELECT activate_model('m', 77)},
    q{SELECT revoke_model('m', 'nobody')},
    q{SELECT cosine_sim('{1,2}'::real[], '{1}')},
    q{SELECT dot_sim('{1,NULL}'::float8[], '{1,2}')},
    q{SELECT count(*), 1 / (count(*) - 10) FROM recommend_for(1, 10, 'm')},
    q{SELECT recommend_for(u, 3, 'm'), 1 / (u - 2) FROM generate_series(1, 3) u},
);
my @succeeding = (
    q{SELECT count(*) FROM recommend_for(:u, 10, 'm')},
    q{SELECT count(*) FROM recommend_for('user :u', 10, 'words')},
    q{SELECT count(*) FROM recommend_for(:u, 10, 'e', false, ARRAY[1, 2, 3])},
    q{SELECT count(*) FROM recommend_for(-:u, 10, 'm')},
    q{SELECT predict_rating(:u, 7, 'm'), predict_rating(:u, 7, 'e')},
    q{SELECT count(*) FROM similar_items(:u % 200, 10, 'm')},
    q{SELECT count(*) FROM similar_users(:u, 10, 'm')},
    q{SELECT count(*) FROM popular_items(10, 'm')},
    q{SELECT count(*) FROM personalize.models},
    q{SELECT count(*) FROM personalize.progress},
    q{SELECT cosine_sim('{1,2,3}'::real[], '{3,2,1}'), pearson_sim('{1,2,4}'::float8[], '{3,2,1}')},
    q{SELECT cosine_sim(x, x * x) FROM generate_series(1, 5) x},
);
my $directory = PostgreSQL::Test::Utils::tempdir();

sub write_calls {
    my ($name, $count, @statements) = @_;
    my $text = join '', map { my $u = 1 + $_ % 500; ($statements[ $_ % @statements ] =~ s/:u/$u/gr) . ";\n" } 1 .. $count;
    append_to_file("$directory/$name", $text);
    return "\\o /dev/null\n\\i $directory/$name\n\\o";
}

my $session = session($node);
my $pid = pid_of($session);

sub growth {
    my ($what, $run, $limit) = @_;
    my $before = memory_of($pid);
    my $errors = $run->();
    my $after = memory_of($pid);
    cmp_ok($after - $before, '<', $limit, sprintf('%s: the memory of the backend, %d kB, grows by %d kB', $what, $before, $after - $before));
    is(threads_of($pid), 1, "$what: no thread is left");
    return $errors;
}

my %calls = (
    'fail, 2000'     => write_calls('fail_short', 2000, @failing),
    'succeed, 2000'  => write_calls('succeed_short', 2000, @succeeding),
    'fail, 20000'    => write_calls('fail_long', 20000, @failing),
    'succeed, 20000' => write_calls('succeed_long', 20000, @succeeding),
);
my $run = sub { my $calls = $_[0]; return sub { ask($session, $calls{$calls}) } };
$run->('succeed, 2000')->();
$run->('fail, 2000')->();
my $output = growth('20,000 calls that fail', $run->('fail, 20000'), 2048);
is(scalar(() = $output =~ /ERROR:/g), 20000, 'each of them fails');
$output = growth('20,000 calls that succeed', $run->('succeed, 20000'), 2048);
unlike($output, qr/ERROR/, 'each of them succeeds') or diag(substr($output, 0, 300));

# Inside one transaction, in savepoints.
ask($session, q{
  CREATE FUNCTION fail_often(statement text, times integer) RETURNS integer LANGUAGE plpgsql AS $$
  DECLARE failed integer := 0;
  BEGIN
    FOR k IN 1 .. times LOOP
      BEGIN EXECUTE statement; EXCEPTION WHEN OTHERS THEN failed := failed + 1; END;
    END LOOP;
    RETURN failed;
  END $$});
for my $statement (@failing) {
    my $quoted = $statement =~ s/'/''/gr;
    is(ask($session, "SELECT fail_often('$quoted', 20)"), 20, 'fails in savepoints');
}
growth('calls that fail in savepoints', sub {
    for my $statement (@failing) {
        my $quoted = $statement =~ s/'/''/gr;
        ask($session, "SELECT fail_often('$quoted', 200)");
    }
}, 2048);

# Versions that come and go, with files mapped and unmapped; on one thread and on two.
my $training = sub {
    my ($times) = @_;
    for my $k (1 .. $times) {
        ask($session, 'SET personalize.threads = ' . (1 + $k % 2));
        my $call = $k % 3 == 0 ? q{train_mf('words', 'words', seed => 1)} : $k % 3 == 1 ? q{train_mf('ratings', 'm', iterations => 3)}
            : q{train_mf('ratings', 'e', feedback => 'explicit', solver => 'sgd')};
        ask($session, "SELECT $call") =~ /ERROR/ and die;
        ask($session, q{SELECT count(*) FROM recommend_for(1, 10, 'm'), recommend_for('user 1', 10, 'words'), recommend_all(3, 'e')});
    }
};
$training->(10);
growth('50 trainings', sub { $training->(50) }, 4096);
cmp_ok(scalar(mapped_cache($pid)), '<=', 3, 'and no file of an old version stays mapped');

# Serving from private copies, where no file can be written.
SKIP: {
    skip 'permissions do not bind root', 2 if $> == 0;
    remove_cache($node);
    chmod 0500, $node->data_dir . '/base/pgsql_tmp' or die;
    $training->(6);
    growth('trainings served from private copies', sub { $training->(15) }, 4096);
    chmod 0700, $node->data_dir . '/base/pgsql_tmp' or die;
}

$session->quit;
$node->stop;
done_testing();
