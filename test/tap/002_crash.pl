# A backend that is killed, or a cache file that is not what it should be, costs no model and no right answer.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PersonalizeTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_server('crash', conf => 'restart_after_crash = on');
install($node);
make_ratings($node);
$node->safe_psql('postgres', q{SELECT train_mf('ratings', 'm')});
my $sql = sprintf($answers, 'm');
my $right = $node->safe_psql('postgres', $sql);

sub comes_back {
    my ($what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok(accepts_connections($node), "$what: the server comes back");
    is($node->safe_psql('postgres', $sql), $right, "$what: the model answers the same");
    is($node->safe_psql('postgres', q{SELECT string_agg(model || version, ' ') FROM personalize.model}), 'm1',
        "$what: no other model is there");
    is($node->safe_psql('postgres', 'SELECT count(*) FROM personalize.progress'), 0, "$what: no training is shown");
}

for my $keep ('on', 'off') {
    $node->append_conf('postgresql.conf', "remove_temp_files_after_crash = $keep");
    $node->reload;
    my $with = "remove_temp_files_after_crash = $keep";

    # While it trains, with threads.
    my $session = session($node);
    my $pid = pid_of($session);
    ask($session, 'SET personalize.threads = 2');
    run_in_session($session, q{SELECT train_mf('ratings', 'other', iterations => 10000, factors => 100)});
    $node->poll_query_until('postgres', 'SELECT count(*) > 0 FROM personalize.progress WHERE iteration > 1');
    kill_backend($node, $pid);
    eval { $_->quit } for $session;
    comes_back("$with, killed while training");
    is(scalar(cache_files($node)), 1, "$with: one cache file after the crash");

    # While it builds the cache file that others wait for.
    remove_cache($node);
    my $blocker = session($node);
    ask($blocker, 'BEGIN; LOCK TABLE personalize.model_block IN ACCESS EXCLUSIVE MODE');
    my @sessions = map { session($node) } 1 .. 6;
    run_in_session($_, q{SELECT count(*) FROM recommend_for(1, 10, 'm')}) for @sessions;
    $node->poll_query_until('postgres', q{SELECT count(*) = 5 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'});
    my $builder = $node->safe_psql('postgres', q{SELECT pid FROM pg_locks WHERE granted AND locktype = 'advisory'});
    my $half_written = cache_path($node, 'm') . ".$builder";
    append_to_file($half_written, 'half');
    kill_backend($node, $builder);
    eval { $_->quit } for $blocker, @sessions;
    is(-e $half_written ? 'off' : 'on', $keep, "$with: what the killed one had written");
    comes_back("$with, killed while building a cache file");
    unlink $half_written;

    # While it serves.
    $session = session($node);
    $pid = pid_of($session);
    run_in_session($session, q{SELECT count(*) FROM generate_series(1, 1000000) k, LATERAL recommend_for(k % 500, 10, 'm')});
    wait_until(sub { scalar(mapped_cache($pid)) == 1 });
    kill_backend($node, $pid);
    eval { $_->quit } for $session;
    comes_back("$with, killed while serving");
}

# The whole server, while it trains.
{
    my $session = session($node);
    run_in_session($session, q{SELECT train_mf('ratings', 'other', iterations => 10000)});
    $node->poll_query_until('postgres', 'SELECT count(*) > 0 FROM personalize.progress WHERE iteration > 1');
    my ($stale, $foreign) = map { $node->data_dir . "/base/pgsql_tmp/pgsql_tmp_personalize.$_" } '1.00', '1.11.99';
    append_to_file($_, 'stale') for $stale, $foreign;
    $node->stop('immediate');
    eval { $session->quit };
    $node->start;
    ok(!-e $stale && !-e $foreign, 'cache files are removed when the server starts');
    comes_back('an immediate stop while training');
}

# What may lie in the place of the cache file. Each time a session that has not seen the model must answer right.
my $file = cache_path($node, 'm');
my $image = slurp_file($file);
my $size = -s $file;
my %foreign = (
    'an empty file' => sub { append_to_file($file, '') },
    'a file cut off' => sub { append_to_file($file, substr($image, 0, $size - 4096)) },
    'a file with more behind' => sub { append_to_file($file, $image . 'x' x 4096) },
    'zeros of the right size' => sub { append_to_file($file, "\0" x $size) },
    'garbage of the right size' => sub { append_to_file($file, join '', map { chr(($_ * $_ + $_ / 7) % 256) } 1 .. $size) },
    'an image with another header' => sub { append_to_file($file, "\1" x 256 . substr($image, 256)) },
    'an unreadable file' => sub { append_to_file($file, $image); chmod 0000, $file },
    'a link to nowhere' => sub { symlink '/nowhere/at/all', $file or die },
    'a directory' => sub { mkdir $file or die },
    'a directory with something in it' => sub { mkdir $file or die; append_to_file("$file/x", 'x') },
);
for my $what (sort keys %foreign) {
    unlink $file;
    $foreign{$what}->();
    is($node->safe_psql('postgres', $sql), $right, "$what in the place of the cache file: the right answer");
    is($node->safe_psql('postgres', $sql), $right, "$what: and once more");
    is(join(' ', grep { /\.\d+$/ && !/\.[0-9a-f]{32}$/ } cache_files($node)), '', "$what: no temporary file is left");
    if (-d $file) { unlink "$file/x"; rmdir $file or die }
    else { ok(-s $file == $size && slurp_file($file) eq $image, "$what: the cache file is built again") }
}

# Where the directory cannot be written, or is none, each session has a copy of its own.
my $directory = $node->data_dir . '/base/pgsql_tmp';
SKIP: {
    skip 'permissions do not bind root', 4 if $> == 0;
    remove_cache($node);
    chmod 0500, $directory or die;
    is($node->safe_psql('postgres', $sql), $right, 'a directory that cannot be written: the right answer');
    is(join(' ', cache_files($node)), '', 'and no file');
    like($node->safe_psql('postgres', q{SELECT train_mf('ratings', 'n'); SELECT count(*) FROM recommend_for(1, 10, 'n');
                                        SELECT drop_model('n')}), qr/^10$/m, 'training and serving go on');
    fails_with($node, q{SET personalize.max_memory = '1MB'; SELECT * FROM recommend_for(1, 10, 'big')}, '53400',
        'max_memory', 'the copy keeps to personalize.max_memory') if $node->safe_psql('postgres', q{
          SELECT train_mf('ratings', 'big', factors => 800, iterations => 1);
          SELECT image_bytes > 1048576 FROM personalize.model WHERE model = 'big'}) =~ /^t$/m;
    chmod 0700, $directory or die;
    $node->safe_psql('postgres', q{SELECT drop_model('big')});
}
remove_cache($node);
rmdir $directory or die "cannot remove $directory: $!";
append_to_file($directory, 'a file');
is($node->safe_psql('postgres', $sql), $right, 'a file in the place of the directory: the right answer');
unlink $directory;
is($node->safe_psql('postgres', $sql), $right, 'no directory: the right answer');
is(scalar(cache_files($node)), 1, 'which makes it');

$node->stop;
done_testing();
